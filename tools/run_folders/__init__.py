"""Run folders with one defect each, made from one clean run; ``tools/make_run_folders.py`` writes them."""
