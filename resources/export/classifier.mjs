// The page of a one-file classifier. It stands in one module with preprocessing.mjs; `ort` is ONNX
// Runtime Web. Names of classes and files are other people's text: they only ever become
// textContent.

const card = JSON.parse(document.getElementById("card-data").textContent);
const MOST_BARS = 6;
const CLOSE = 0.1;
const NO_ANSWER_REACHES = 2; // a least probability that says: no answer could be promised
const FRAME_MS = 200;
const THUMBNAIL_PX = 68;
const COLOURS = ["0072b2", "e69f00", "009e73", "cc79a7", "56b4e9", "d55e00", "f0e442", "7a7f87"];
const SHADES = [0, 0.45, -0.35, 0.7]; // after eight they repeat lighter and darker
const size = card.input.size_px;
const mode = card.resize.mode;
// A title may turn round what is written after it: that ends with the title.
const titles = card.class_titles.map((title) =>
  /[\u202a-\u202e\u2066-\u2069]/.test(title) ? `\u2068${title}\u2069` : title,
);

const $ = (id) => document.getElementById(id);
const rows = [];
let shown = null;
let wanted = null; // the first of what was given last
let showsSeen = false;
let showsAll = false;
let waiting = [];
let isAnswering = false;
let session = null;
let stream = null;

function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function say(sentence) {
  $("banner").textContent = sentence;
  $("banner").hidden = !sentence;
}

function colourOf(index) {
  const plain = COLOURS[index % COLOURS.length];
  const shade = SHADES[Math.floor(index / COLOURS.length) % SHADES.length];
  const parts = [0, 2, 4].map((at) => parseInt(plain.slice(at, at + 2), 16));
  const target = shade > 0 ? 255 : 0;
  return `rgb(${parts.map((part) => Math.round(part + (target - part) * Math.abs(shade)))})`;
}

function percent(share, decimals = 1) {
  if (!Number.isFinite(share)) return "–";
  const text = (share * 100).toFixed(decimals);
  const least = 10 ** -decimals;
  if (share > 0 && Number(text) === 0) return `<${least.toFixed(decimals)} %`;
  if (share < 1 && Number(text) === 100) return `>${(100 - least).toFixed(decimals)} %`;
  return `${text} %`;
}

const counted = (count, one, many) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

// ------------------------------------------------------------------- the network

async function unpacked(id) {
  const text = atob($(id).textContent);
  $(id).remove(); // megabytes of text that nobody needs again
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

async function start() {
  ort.env.wasm.numThreads = 1; // threads need headers that a file does not have
  ort.env.wasm.proxy = false;
  ort.env.wasm.wasmBinary = await unpacked("runtime-data");
  session = await ort.InferenceSession.create(new Uint8Array(await unpacked("model-data")));
}

/** {shares, order, doubt}: probabilities by class, places of the classes likeliest first. */
async function answered(pixels) {
  const input = new ort.Tensor("float32", asInput(pixels), [1, size, size, 3]);
  const outputs = await session.run({ [card.input.name]: input });
  const shares = Array.from(outputs[card.outputs.probabilities].data);
  const distance = card.outputs.distance ? Number(outputs[card.outputs.distance].data[0]) : NaN;
  Object.values(outputs).forEach((each) => each.dispose());
  const order = shares.map((_, place) => place).sort((a, b) => shares[b] - shares[a] || a - b);
  return { shares, order, distance, doubt: doubtOf(shares, order, distance) };
}

function doubtOf(shares, order, distance) {
  const { least_probability: least, farthest } = card.not_sure;
  if (farthest !== null && distance > farthest) return "unlike the training pictures";
  if (shares[order[0]] >= least) return "";
  if (least >= NO_ANSWER_REACHES) return "too few validation pictures to promise so few mistakes";
  if (order.length > 1 && shares[order[1]] >= CLOSE) {
    return `too close between ${titles[order[0]]} and ${titles[order[1]]}`;
  }
  return `not certain enough of ${titles[order[0]]}`;
}

// ------------------------------------------------------------------- pictures that are given

function add(files) {
  wanted = null;
  for (const file of files) {
    const row = { file, name: file.name || "pasted picture", url: "", answer: null, problem: "" };
    rows.push(row);
    waiting.push(row);
    row.line = lineOf(row);
    wanted ??= row;
    $("rows").append(row.line);
  }
  if (files.length) answerAll();
  tell();
}

async function answerAll() {
  if (isAnswering) return;
  isAnswering = true;
  for (let row = waiting.shift(); row; row = waiting.shift()) {
    try {
      const pixels = await networkPixels(row.file, size, mode);
      row.answer = await answered(pixels);
      row.thumbnail = thumbnailOf(pixels);
    } catch (error) {
      row.problem = error instanceof PictureProblem ? error.message : "there is not enough memory";
    }
    fill(row);
    if (row === shown || (row === wanted && stream === null)) show(row);
    tell();
    await new Promise((resolve) => setTimeout(resolve)); // the page stays alive meanwhile
  }
  isAnswering = false;
  tell();
}

function thumbnailOf(pixels) {
  const whole = canvasOf(pixels);
  const small = Object.assign(element("canvas"), { width: THUMBNAIL_PX, height: THUMBNAIL_PX });
  small.getContext("2d").drawImage(whole, 0, 0, THUMBNAIL_PX, THUMBNAIL_PX);
  return small;
}

function canvasOf(pixels, canvas = element("canvas")) {
  Object.assign(canvas, { width: size, height: size });
  const image = new ImageData(size, size);
  for (let i = 0; i < size * size; i++) {
    image.data.set(pixels.subarray(3 * i, 3 * i + 3), 4 * i);
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// ------------------------------------------------------------------- the table

function lineOf(row) {
  const line = element("tr");
  const button = element("button");
  button.type = "button";
  button.append(element("span", "", "blank"), element("span", row.name));
  button.title = row.name;
  button.addEventListener("click", () => show(row));
  const picture = element("td");
  picture.append(button);
  line.append(picture, element("td", "waiting"), element("td", "", "number"));
  return line;
}

function classMark(index, text) {
  const mark = element("span", "", "class");
  const swatch = element("i");
  swatch.style.background = colourOf(index);
  mark.append(swatch, element("span", text));
  return mark;
}

function fill(row) {
  const [, name, number] = row.line.children;
  name.textContent = "";
  if (row.problem) {
    row.line.classList.add("problem");
    name.textContent = row.problem;
    name.colSpan = 2;
    number.remove();
    return;
  }
  const { order, shares, doubt } = row.answer;
  const title = titles[order[0]];
  const mark = classMark(order[0], doubt ? `Not sure: ${title}?` : title);
  if (doubt) mark.classList.add("unsure");
  mark.title = doubt ? `Not sure: ${doubt}` : title;
  name.append(mark);
  number.textContent = percent(shares[order[0]], 0);
  row.line.querySelector(".blank").replaceWith(row.thumbnail);
}

function tell() {
  const done = rows.filter((row) => row.answer || row.problem).length;
  const failed = rows.filter((row) => row.problem).length;
  const words = counted(rows.length, "picture", "pictures");
  const problems = failed ? `, ${failed.toLocaleString("en")} cannot be read` : "";
  if (!rows.length) $("count").textContent = "No pictures yet";
  else if (isAnswering) $("count").textContent = `${words}, ${done.toLocaleString("en")} answered`;
  else $("count").textContent = words + problems;
  $("progress").hidden = !isAnswering;
  $("progress").max = Math.max(1, rows.length);
  $("progress").value = done;
  $("known").hidden = rows.length > 0;
  document.querySelector("table").hidden = !rows.length;
  $("clear").hidden = $("save").hidden = !rows.length;
  $("save").disabled = isAnswering;
  document.body.classList.toggle("empty", !rows.length && stream === null);
}

function tableText() {
  const cell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const header = ["path", "predicted_class", "probability", ...card.class_names];
  const lines = [[...header, "not_sure", "reason", "problem"]];
  for (const { name, answer, problem } of rows) {
    const none = card.class_names.map(() => "");
    if (problem) lines.push([name, "", "", ...none, "", "", problem]);
    else if (answer) {
      const shares = answer.shares.map((share) => share.toFixed(6));
      const best = answer.order[0];
      const unsure = answer.doubt ? "yes" : "no";
      lines.push([name, card.class_names[best], shares[best], ...shares, unsure, answer.doubt, ""]);
    }
  }
  return lines.map((line) => `${line.map(cell).join(",")}\n`).join("");
}

function save() {
  const url = URL.createObjectURL(new Blob([tableText()], { type: "text/csv" }));
  const link = Object.assign(element("a"), { href: url, download: "predictions.csv" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

function clear() {
  for (const row of rows) if (row.url) URL.revokeObjectURL(row.url);
  rows.length = 0;
  waiting = [];
  $("rows").replaceChildren();
  show(null);
  tell();
  $("choose").focus();
}

function move(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const next = step && rows[rows.indexOf(shown) + step];
  if (!next || !$("rows").contains(document.activeElement)) return;
  event.preventDefault();
  next.line.querySelector("button").focus();
  show(next);
}

// ------------------------------------------------------------------- the answer

async function show(row) {
  shown?.line.classList.remove("shown");
  shown?.line.querySelector("button").removeAttribute("aria-current");
  shown = row;
  if (row && stream) stopCamera();
  row?.line.classList.add("shown");
  row?.line.scrollIntoView({ block: "nearest" });
  row?.line.querySelector("button").setAttribute("aria-current", "true");
  for (const id of ["picture", "seen", "video"]) $(id).hidden = true;
  $("nothing").hidden = false;
  $("chips").hidden = !row?.answer;
  $("file").textContent = row?.name ?? "";
  if (row?.problem) {
    showAnswer(null, `This picture cannot be read: ${row.problem}.`);
    $("nothing").textContent = "A picture that cannot be read";
    return;
  }
  $("nothing").textContent = "No picture";
  showAnswer(row?.answer ?? null, row ? "It is answered in a moment." : "The answer appears here.");
  if (row?.answer) await showPicture(row);
}

async function showPicture(row) {
  if (showsSeen) {
    const pixels = await networkPixels(row.file, size, mode);
    if (shown !== row) return;
    canvasOf(pixels, $("seen")).classList.toggle("coarse", size < 96);
  } else {
    row.url ||= URL.createObjectURL(row.file);
    $("picture").src = row.url;
    $("picture").alt = row.name;
  }
  $("picture").hidden = showsSeen;
  $("seen").hidden = !showsSeen;
  $("nothing").hidden = true;
}

function showAnswer(answer, words = "") {
  $("best").textContent = "";
  $("best").className = answer?.doubt ? "unsure" : "sure";
  $("bars").classList.toggle("sure", !answer?.doubt);
  $("reason").textContent = words;
  $("bars").replaceChildren();
  $("more").hidden = true;
  if (!answer) return;
  $("best").textContent = answer.doubt ? "Not sure" : titles[answer.order[0]];
  $("reason").textContent = answer.doubt && `${answer.doubt[0].toUpperCase()}${answer.doubt.slice(1)}.`;
  const many = answer.order.length - MOST_BARS;
  for (const place of answer.order.slice(0, showsAll ? undefined : MOST_BARS)) {
    const [bar, words, track, fill] = ["li", "div", "b", "i"].map((tag) => element(tag));
    const share = answer.shares[place];
    words.append(element("span", titles[place]), element("span", percent(share)));
    fill.style.cssText = `width: ${share * 100}%; background: ${colourOf(place)}`;
    track.append(fill);
    bar.append(words, track);
    $("bars").append(bar);
  }
  $("more").hidden = many <= 0;
  $("more").textContent = showsAll ? "Show fewer" : `and ${many.toLocaleString("en")} more`;
}

function choose(seen) {
  showsSeen = seen;
  $("as-seen").setAttribute("aria-pressed", String(seen));
  $("as-is").setAttribute("aria-pressed", String(!seen));
  if (shown) show(shown);
}

// ------------------------------------------------------------------- the camera

const NO_CAMERA = {
  NotAllowedError: "The camera may not be used: allow it in the browser, then try again.",
  NotFoundError: "No camera was found. Plug one in, then try again.",
  NotReadableError: "The camera is used by another program. Close that, then try again.",
};

async function startCamera() {
  say("");
  if (!navigator.mediaDevices?.getUserMedia) {
    say("This browser gives no camera to a page that is opened as a file. Choose pictures instead, or open this file in another browser.");
    return;
  }
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (error) {
    say(NO_CAMERA[error.name] ?? "The camera cannot be used here. Choose pictures instead.");
    return;
  }
  await show(null);
  const video = $("video");
  video.srcObject = stream;
  stream.getVideoTracks()[0].addEventListener("ended", stopCamera);
  await video.play();
  video.hidden = false;
  $("nothing").hidden = true;
  $("shutter").hidden = false;
  $("camera").disabled = true;
  tell();
  watch(stream);
}

async function watch(watched) {
  const canvas = element("canvas");
  while (stream === watched) {
    if (drawn(canvas)) {
      const answer = await answered(frameOf(canvas, size, mode));
      if (stream !== watched) return;
      $("file").textContent = "camera";
      showAnswer(answer);
    }
    await new Promise((resolve) => setTimeout(resolve, FRAME_MS));
  }
}

function drawn(canvas) {
  const video = $("video");
  if (!video.videoWidth) return false;
  Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(video, 0, 0);
  return true;
}

async function take() {
  const canvas = element("canvas");
  if (!drawn(canvas)) return;
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  const number = rows.filter((row) => row.name.startsWith("camera ")).length + 1;
  add([new File([blob], `camera ${number}.png`, { type: "image/png" })]);
}

function stopCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  $("video").srcObject = null;
  $("video").hidden = $("shutter").hidden = true;
  $("camera").disabled = false;
  if (shown === null) show(rows.at(-1) ?? null);
  tell();
}

// ------------------------------------------------------------------- the page itself

function testWords() {
  const { accuracy, interval, pictures } = card.test;
  if (!interval) return "";
  const decimals = interval[1] - interval[0] < 0.06 ? 1 : 0; // whole ones would be too coarse
  const [share, low, high] = [accuracy, ...interval].map((each) => percent(each, decimals));
  const all = counted(pictures, "test picture", "test pictures");
  const right = Math.round(accuracy * pictures).toLocaleString("en");
  return `right for ${right} of ${all}: ${share} (95 % interval ${low} to ${high})`;
}

function describe() {
  const right = testWords();
  const classes = counted(titles.length, "class", "classes");
  $("name").textContent = card.name;
  $("facts").textContent = [right, classes].filter(Boolean).join(" · ");
  const legend = titles.map((title, place) => classMark(place, title));
  $("known").append(element("p", "It names one of these classes:"), ...legend);
  const made = new Date(card.created);
  const facts = {
    Name: card.name,
    Made: Number.isNaN(made.valueOf()) ? "" : made.toLocaleDateString("en", { dateStyle: "long" }),
    With: `CNN Studio ${card.program_version}`,
    "Checked by": right && `Pictures it had never seen: ${right}`,
    "Not sure": card.not_sure.left_out,
    Sees: `${size} x ${size} pixels of a picture`,
  };
  for (const [term, words] of Object.entries(facts)) {
    if (words) $("about-facts").append(element("dt", term), element("dd", words));
  }
  const { backbone } = card;
  $("backbone-licence").hidden = !backbone;
  if (backbone) {
    $("backbone-licence").textContent = `The network is built on ${backbone.name}, whose weights are under the licence ${backbone.licence} (${backbone.source}).`;
  }
}

/** Whether pixels come back as they were drawn: protection against tracking may change them. */
function readsTruly() {
  const context = element("canvas").getContext("2d", { willReadFrequently: true });
  const image = new ImageData(64, 64);
  image.data.forEach((_, at) => (image.data[at] = at % 4 === 3 ? 255 : (at * 37) % 256));
  context.putImageData(image, 0, 0);
  const read = context.getImageData(0, 0, 64, 64).data;
  return image.data.every((value, at) => Math.abs(value - read[at]) <= 1);
}

function given(transfer) {
  const items = Array.from(transfer.items ?? []);
  if (items.some((item) => item.webkitGetAsEntry?.()?.isDirectory)) {
    say("A folder cannot be read here. Open it, mark the pictures in it, and drop those.");
  }
  const isFolder = (file) => file.size % 4096 === 0 && !file.type && !file.name.includes(".");
  return Array.from(transfer.files).filter((file) => !isFolder(file));
}

function listen() {
  $("choose").addEventListener("click", () => $("files").click());
  $("files").addEventListener("change", () => {
    say("");
    add(Array.from($("files").files));
    $("files").value = "";
  });
  $("camera").addEventListener("click", startCamera);
  $("take").addEventListener("click", take);
  $("stop").addEventListener("click", stopCamera);
  $("save").addEventListener("click", save);
  $("clear").addEventListener("click", clear);
  $("as-seen").addEventListener("click", () => choose(true));
  $("as-is").addEventListener("click", () => choose(false));
  $("more").addEventListener("click", () => {
    showsAll = !showsAll;
    if (shown?.answer) showAnswer(shown.answer);
  });
  $("about-open").addEventListener("click", () => $("about").showModal());
  document.addEventListener("keydown", move);
  document.addEventListener("paste", (event) => {
    say("");
    add(given(event.clipboardData));
  });
  const drag = (isOver) => (event) => {
    event.preventDefault();
    document.body.classList.toggle("dragging", isOver);
  };
  document.addEventListener("dragover", drag(true));
  document.addEventListener("dragleave", drag(false));
  document.addEventListener("drop", (event) => {
    drag(false)(event);
    say("");
    add(given(event.dataTransfer));
  });
}

describe();
document.body.classList.add("empty");
try {
  await start();
  listen();
  for (const id of ["choose", "camera"]) $(id).disabled = false;
  tell();
  if (!readsTruly()) {
    say("This browser changes what a page reads of a picture (protection against tracking), so answers may be wrong. Allow this page to read pictures, or open it in another browser.");
  }
  document.body.dataset.state = "ready";
} catch (error) {
  console.error(error);
  $("count").textContent = "It cannot start here";
  say("This browser cannot run the network. Open the page in a current Firefox, Chrome, Edge or Safari.");
  document.body.dataset.state = "failed";
}
