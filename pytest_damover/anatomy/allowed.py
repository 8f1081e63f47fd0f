"""The only names that a pickle may import and still be called weights: those of torch's `weights_only` list."""

from __future__ import annotations

_NUMBERS = ("Byte", "Char", "Short", "Int", "Long", "Half", "Float", "Double", "BFloat16", "Bool")
_COMPLEX = ("ComplexFloat", "ComplexDouble")
_SPARSE = tuple(kind for kind in _NUMBERS if kind != "Bool")

_DTYPES = [
    "float16",
    "float32",
    "float64",
    "bfloat16",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "int8",
    "int16",
    "int32",
    "int64",
    "bool",
    "complex32",
    "complex64",
    "complex128",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "float8_e8m0fnu",
    "qint8",
    "quint8",
    "qint32",
    "quint4x2",
    "quint2x4",
    "per_tensor_affine",
    "per_tensor_symmetric",
    "per_channel_affine",
    "per_channel_symmetric",
    "per_channel_affine_float_qparams",
]
_REBUILDERS = [
    "_rebuild_parameter",
    "_rebuild_parameter_with_state",
    "_rebuild_tensor",
    "_rebuild_tensor_v2",
    "_rebuild_tensor_v3",
    "_rebuild_qtensor",
    "_rebuild_sparse_tensor",
    "_rebuild_meta_tensor_no_storage",
    "_rebuild_wrapper_subclass",
    "_rebuild_device_tensor_from_numpy",
    "_rebuild_device_tensor_from_cpu_tensor",
]

STORAGES = frozenset(
    [(module, f"{kind}Storage") for module in ("torch", "torch.cuda") for kind in _NUMBERS + _COMPLEX]
    + [("torch", f"{kind}Storage") for kind in ("QInt8", "QUInt8", "QInt32", "QUInt4x2", "QUInt2x4")]
    + [("torch.storage", "UntypedStorage"), ("torch.storage", "TypedStorage")]
)
ALLOWED = STORAGES | frozenset(
    [
        ("collections", "OrderedDict"),
        ("collections", "Counter"),
        ("_codecs", "encode"),
        ("builtins", "bytearray"),
        ("builtins", "set"),
        ("builtins", "complex"),
        ("torch", "Size"),
        ("torch", "Tensor"),
        ("torch", "device"),
        ("torch.nn.parameter", "Parameter"),
        ("torch.serialization", "_get_layout"),
        ("torch._tensor", "_rebuild_from_type_v2"),
        *(("torch", name) for name in _DTYPES),
        *(("torch._utils", name) for name in _REBUILDERS),
        *((module, f"{kind}Tensor") for module in ("torch", "torch.cuda") for kind in _NUMBERS),
        *((module, f"{kind}Tensor") for module in ("torch.sparse", "torch.cuda.sparse") for kind in _SPARSE),
    ]
)
# the names of Python 2, which the unpickler translates in protocols 0 to 2
_OLD_MODULES = {"__builtin__": "builtins"}


def is_allowed(module: str, name: str) -> bool:
    """Whether importing and calling that is no more than rebuilding numbers and plain containers."""
    return (_OLD_MODULES.get(module, module), name) in ALLOWED
