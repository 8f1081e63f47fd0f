"""DAMO-YOLO for one class; read by modelscope's DamoYolo."""

from easydict import EasyDict

model = EasyDict({
    "name": "damoyolo_phone.pt",
    "class_map": "class_map.pkl",
    "backbone": {
        "name": "TinyNAS_csp",
        "structure_file": "structure.txt",
        "out_indices": [2, 3, 4],
        "with_spp": True,
        "use_focus": True,
        "act": "relu",
        "reparam": False,
    },
    "neck": {
        "name": "GiraffeNeckV2",
        "depth": 1.0,
        "hidden_ratio": 0.75,
        "in_channels": [32, 48, 96],
        "out_channels": [32, 48, 96],
        "act": "relu",
        "spp": False,
        "block_name": "BasicBlock_3x3_Reverse",
    },
    "head": {
        "name": "ZeroHead",
        "num_classes": 1,
        "in_channels": [32, 48, 96],
        "stacked_convs": 0,
        "reg_max": 10,
        "act": "silu",
        "nms_conf_thre": 0.05,
        "nms_iou_thre": 0.6,
        "legacy": False,
    },
})
dataset = EasyDict({"size_divisibility": 32})
