"""The same work in plain PyTorch and torchvision, as their documentation shows it.

    peer.py views --data FOLDER --size 32 [--seconds 10] [--in-memory]
    peer.py train --data FOLDER --method simclr --encoder resnet18 [--batch 256] [--seconds 30]

One core makes the views (as one DataLoader worker does); training takes two DataLoader workers
(--workers) and as many threads as there are cores. On a GPU (--device cuda) batches come from
pinned memory; --amp trains under autocast with bfloat16, --tuned lays images and weights out with
channels last and lets cuDNN choose its kernels by measuring, --same-batch feeds one batch again
and again. Prints one JSON object.
"""
import argparse
import json
import math
import os
import time

import torch
import torch.nn.functional as F
import torchvision
from PIL import Image
from torch import nn
from torchvision import transforms

MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
WARM_STEPS = 3


def simclr_view(size):
    """The options of Selfsight's preset simclr-cifar."""
    jitter = transforms.ColorJitter(0.8, 0.8, 0.8, 0.2)
    blur = transforms.GaussianBlur(max(3, size // 10 | 1), (0.1, 2.0))
    return transforms.Compose([
        transforms.RandomResizedCrop(size, scale=(0.08, 1.0),
                                     interpolation=transforms.InterpolationMode.BICUBIC),
        transforms.RandomHorizontalFlip(),
        transforms.RandomApply([jitter], p=0.8),
        transforms.RandomGrayscale(p=0.2),
        transforms.RandomApply([blur], p=0.5),
        transforms.ToTensor(),
        transforms.Normalize(MEAN, STD),
    ])


def mae_view(size):
    return transforms.Compose([
        transforms.RandomResizedCrop(size, scale=(0.2, 1.0),
                                     interpolation=transforms.InterpolationMode.BICUBIC),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize(MEAN, STD),
    ])


class TwoViews:
    def __init__(self, view):
        self.view = view

    def __call__(self, image):
        return self.view(image), self.view(image)


class InMemory(torch.utils.data.Dataset):
    """Decoded once, like torchvision.datasets.CIFAR10, which keeps arrays and makes PIL images."""

    def __init__(self, folder, transform, limit=None):
        samples = torchvision.datasets.ImageFolder(folder).samples
        if limit:
            samples = samples[::max(1, len(samples) // limit)][:limit]
        self.arrays = []
        for path, _ in samples:
            with Image.open(path) as image:
                self.arrays.append(torchvision.transforms.functional.pil_to_tensor(
                    image.convert("RGB")).permute(1, 2, 0).numpy())
        self.transform = transform

    def __len__(self):
        return len(self.arrays)

    def __getitem__(self, index):
        return self.transform(Image.fromarray(self.arrays[index])), 0


class BasicBlock(nn.Module):
    def __init__(self, inside, out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or inside != out:
            self.downsample = nn.Sequential(nn.Conv2d(inside, out, 1, stride, bias=False),
                                            nn.BatchNorm2d(out))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(x)) + shortcut)


def resnet20():
    """He et al. 2016, section 4.2, with projection shortcuts."""
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True)]
    inside = 16
    for width in (16, 32, 64):
        for block in range(3):
            layers.append(BasicBlock(inside, width, 2 if block == 0 and width > 16 else 1))
            inside = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), inside


def resnet18():
    """torchvision's, with the stem for small images."""
    net = torchvision.models.resnet18()
    net.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    net.maxpool = nn.Identity()
    net.fc = nn.Identity()
    return net, 512


class SimCLR(nn.Module):
    def __init__(self, encoder, width, temperature=0.2):
        super().__init__()
        self.encoder = encoder
        self.projector = nn.Sequential(nn.Linear(width, 2048, bias=False), nn.BatchNorm1d(2048),
                                       nn.ReLU(inplace=True), nn.Linear(2048, 256))
        self.temperature = temperature

    def forward(self, first, second):
        z = F.normalize(self.projector(self.encoder(torch.cat([first, second]))), dim=1)
        logits = z @ z.t() / self.temperature
        logits.fill_diagonal_(float("-inf"))
        n = first.shape[0]
        return F.cross_entropy(logits, torch.arange(2 * n, device=z.device).roll(n))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        n, length, width = x.shape
        q, k, v = self.qkv(x).reshape(n, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5).softmax(dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(n, length, width))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(),
                                 nn.Linear(4 * width, width))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class MAE(nn.Module):
    """The official code's steps (He et al. 2022): ViT-Tiny, patches of 4, decoder 192 x 4."""

    def __init__(self, size=32, patch=4, width=192, depth=12, heads=3, decoder_depth=4,
                 decoder_heads=4):
        super().__init__()
        self.patch, self.length = patch, (size // patch) ** 2
        self.embed = nn.Conv2d(3, width, patch, patch)
        self.cls = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.register_buffer("positions", torch.randn(1, self.length + 1, width) * 0.02)
        self.register_buffer("decoder_positions", torch.randn(1, self.length + 1, width) * 0.02)
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.decoder_embed = nn.Linear(width, width)
        self.mask_token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.decoder_blocks = nn.Sequential(*[Block(width, decoder_heads)
                                              for _ in range(decoder_depth)])
        self.decoder_norm = nn.LayerNorm(width, eps=1e-6)
        self.pred = nn.Linear(width, patch * patch * 3)

    def patchify(self, images):
        n, c, h, w = images.shape
        p = self.patch
        return images.reshape(n, c, h // p, p, w // p, p).permute(0, 2, 4, 3, 5, 1).reshape(
            n, self.length, p * p * c)

    def forward(self, images, ratio=0.75):
        x = self.embed(images).flatten(2).transpose(1, 2) + self.positions[:, 1:]
        n, length, width = x.shape
        kept = int(length * (1 - ratio))
        order = torch.rand(n, length, device=x.device).argsort(dim=1)
        restore = order.argsort(dim=1)
        x = x.gather(1, order[:, :kept, None].expand(-1, -1, width))
        x = torch.cat([(self.cls + self.positions[:, :1]).expand(n, -1, -1), x], dim=1)
        x = self.decoder_embed(self.norm(self.blocks(x)))
        patches = torch.cat([x[:, 1:], self.mask_token.expand(n, length - kept, -1)], dim=1)
        patches = patches.gather(1, restore[:, :, None].expand(-1, -1, width))
        x = torch.cat([x[:, :1], patches], dim=1) + self.decoder_positions
        predicted = self.pred(self.decoder_norm(self.decoder_blocks(x)))[:, 1:]
        target = self.patchify(images)
        target = (target - target.mean(-1, keepdim=True)) / (
            target.var(-1, keepdim=True) + 1e-6).sqrt()
        hidden = (restore >= kept).float()
        return (((predicted - target) ** 2).mean(-1) * hidden).sum() / hidden.sum()


def make_views(arguments):
    torch.set_num_threads(1)
    view = TwoViews(simclr_view(arguments.size))
    if arguments.in_memory:
        images = InMemory(arguments.data, view, limit=2000)
    else:
        images = torchvision.datasets.ImageFolder(arguments.data, view)
    order = torch.randperm(len(images)).tolist()
    for index in order[:10]:
        images[index]
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < arguments.seconds:
        images[order[count % len(order)]]
        count += 1
    return {"bench": "views", "views_per_second": 2 * count / (time.perf_counter() - start),
            "size": arguments.size, "decode": not arguments.in_memory}


def batches(loader, same):
    """Lists of views, from one epoch after the other; or the first for ever."""
    while True:
        for images, _ in loader:
            views = images if isinstance(images, list) else [images]
            yield views
            while same:
                yield views


def train(arguments):
    # As Debian packages it torch starts with one thread; both cores is what anybody would set.
    torch.set_num_threads(os.cpu_count())
    if arguments.method == "mae":
        method, view = MAE(), mae_view(32)
        optimiser = torch.optim.AdamW(method.parameters(), 2e-4, (0.9, 0.95), weight_decay=0.05)
    else:
        encoder, width = {"resnet18": resnet18, "resnet20": resnet20}[arguments.encoder]()
        method, view = SimCLR(encoder, width), TwoViews(simclr_view(32))
        optimiser = torch.optim.SGD(method.parameters(), 0.3, momentum=0.9, weight_decay=1e-4)
    device = torch.device(arguments.device)
    layout = torch.channels_last if arguments.tuned else torch.contiguous_format
    torch.backends.cudnn.benchmark = arguments.tuned
    method.to(device, memory_format=layout)
    loader = torch.utils.data.DataLoader(
        torchvision.datasets.ImageFolder(arguments.data, view), arguments.batch, shuffle=True,
        num_workers=arguments.workers, drop_last=True, persistent_workers=True,
        pin_memory=device.type == "cuda")
    steps, start, last, durations = 0, None, None, []
    for images in batches(loader, arguments.same_batch):
        images = [x.to(device, non_blocking=True, memory_format=layout) for x in images]
        with torch.autocast(device.type, torch.bfloat16, enabled=arguments.amp):
            loss = method(*images)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        if not math.isfinite(loss.item()):
            raise SystemExit("The loss is no longer a number.")
        steps += 1
        now = time.perf_counter()
        if steps == WARM_STEPS:
            start = now
        if steps > WARM_STEPS:
            durations.append(now - last)
            if now - start >= arguments.seconds:
                break
        last = now
    durations_sorted = sorted(durations)
    return {"bench": "train", "method": arguments.method, "encoder": arguments.encoder,
            "batch_size": arguments.batch, "images_per_second":
            arguments.batch * len(durations) / sum(durations),
            "step_seconds": durations_sorted[len(durations) // 2], "steps": len(durations)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["views", "train"])
    parser.add_argument("--data", required=True)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--in-memory", action="store_true")
    parser.add_argument("--method", choices=["simclr", "mae"], default="simclr")
    parser.add_argument("--encoder", default="resnet18")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--amp", action="store_true")
    parser.add_argument("--tuned", action="store_true")
    parser.add_argument("--same-batch", action="store_true")
    arguments = parser.parse_args()
    result = make_views(arguments) if arguments.what == "views" else train(arguments)
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
