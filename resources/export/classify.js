// Asks the network in this folder about pictures: ONNX Runtime Web, in the browser.
// A browser reads no files beside a page, so serve the folder: python -m http.server

import * as ort from "./onnxruntime_web/ort.wasm.bundle.min.mjs";
import { asInput, networkPixels } from "./preprocessing.mjs";

export async function load() {
  const card = await (await fetch("model.json")).json();
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { wasm: "./onnxruntime_web/ort-wasm-simd-threaded.wasm" };
  return { card, session: await ort.InferenceSession.create("model.onnx") };
}

/** What the network says about a picture; "not sure" by the rule of the run. */
export async function classify({ card, session }, file) {
  const size = card.input.size_px;
  const pixels = await networkPixels(file, size, card.resize.mode);
  const input = new ort.Tensor("float32", asInput(pixels), [1, size, size, 3]);
  const outputs = await session.run({ [card.input.name]: input });
  const shares = Array.from(outputs[card.outputs.probabilities].data);
  const { least_probability: least, farthest } = card.not_sure;
  const best = shares.indexOf(Math.max(...shares));
  const isFar = farthest !== null && outputs[card.outputs.distance].data[0] > farthest;
  return {
    predicted_class: card.class_names[best],
    probability: shares[best],
    not_sure: isFar || shares[best] < least,
    probabilities: Object.fromEntries(card.class_names.map((name, place) => [name, shares[place]])),
  };
}

function say(sentence) {
  const line = document.createElement("li");
  line.textContent = sentence; // never as HTML: names are other people's text
  document.getElementById("answers").append(line);
}

const network = await load();
const pictures = document.getElementById("pictures");
document.getElementById("problem").textContent = "";
pictures.disabled = false;
pictures.addEventListener("change", async () => {
  for (const file of pictures.files) {
    try {
      const { predicted_class, probability, not_sure } = await classify(network, file);
      const perhaps = not_sure ? "not sure, perhaps " : "";
      say(`${file.name}: ${perhaps}${predicted_class} (${(100 * probability).toFixed(1)} %)`);
    } catch (error) {
      say(`${file.name}: not read, ${error.message}`); // damaged, or no picture at all
    }
  }
});
