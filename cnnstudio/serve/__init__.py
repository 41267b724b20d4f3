"""The local web service: other programs, and a browser, ask a run about pictures.

What belongs here is HTTP: what a request may look like, who may send one, how much is taken at
once. What is answered comes from `core`, by the engine that is handed in; neither Qt nor TensorFlow
is known here, and nothing else of the program knows this package but its command. It needs the
packages of the extra `serve`. Start reading in `service.py`; `answering.py` is how many requests
share one network.
"""
