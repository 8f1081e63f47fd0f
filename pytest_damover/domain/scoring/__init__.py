"""Detections against ground truth: who matches whom, AP and other shares, and their intervals over images."""
