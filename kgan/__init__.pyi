from . import classifiers as classifiers
from . import data as data
from . import losses as losses
from . import metrics as metrics
from . import networks as networks
from . import presets as presets
from . import reporting as reporting
from . import serving as serving
from .backend.optimizers import Adam as Adam
from .commands.train import train as train
from .errors import BackendError as BackendError
from .errors import DataError as DataError
from .errors import InputError as InputError
from .errors import KganError as KganError
from .errors import NonFiniteLossError as NonFiniteLossError
from .errors import RunError as RunError
from .errors import ServingError as ServingError
from .game import *
from .methods import *
from .runs import Config as Config
from .runs import Run as Run
from .runs.collapse_watch import CollapseWatch as CollapseWatch
from .version import __version__ as __version__
