"""Runs models that were made elsewhere: LiteRT and ONNX beside Keras, behind the same door.

`inspection` looks at a file in a process of its own, which `guard` starts; `runner_model` is what
`prediction` keeps loaded. Nothing here knows which classes a model has.
"""
