// The unit that owns the precompiled <torch/torch.h>.
