"""How it is computed: networks, training, prediction, with TensorFlow and Keras.

Everything that needs TensorFlow belongs here and nothing else does. Qt is never imported, and
nothing here knows that a window exists: tasks report frozen values and take a checkpoint often.

Start reading at `keras_engine.py`, the one door, which fulfils `cnnstudio.core.engine_api`.
"""
