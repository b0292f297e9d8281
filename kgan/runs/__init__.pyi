from .config import Config as Config
from .run import Run as Run
