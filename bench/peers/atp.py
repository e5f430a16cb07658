"""ATP-Latent in PyTorch: the supervised update, rollouts with clipped updates, and generation, from a file of bench/atp."""
import json
import math
import struct

import numpy as np
import torch
import torch.nn.functional as F

PAD, EOS, BOT, EOT, SIGN, SEP = range(6)


def read(path):
    """Tensors by name, and the sizes of the metadata, of a safetensors file."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        body = file.read()
    config = json.loads(header.pop("__metadata__")["config"])
    kinds = {"F32": np.float32, "I32": np.int32}
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        array = np.frombuffer(body[begin:end], kinds[entry["dtype"]]).reshape(entry["shape"]).copy()
        tensor = torch.from_numpy(array)
        tensors[name] = tensor if tensor.dtype == torch.float32 else tensor.long()
    return tensors, config


def rms(x, weight):
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-6) * weight


class Stack:
    """Layers over rows [batch, time, width] with keys and values [batch, heads, slots, head width] that grow."""

    def __init__(self, weights, prefix, layers, config):
        self.heads, self.kv_heads = config["heads"], config["kvHeads"]
        self.head = config["width"] // self.heads
        self.blocks = [
            {name.rsplit(".", 1)[1]: w for name, w in weights.items() if name.startswith(f"{prefix}.blocks.{layer}.")}
            for layer in range(layers)
        ]
        self.norm = weights[f"{prefix}.norm"]
        frequency = 10000.0 ** (-torch.arange(self.head // 2).float() / (self.head // 2))
        angle = torch.arange(1024).float()[:, None] * frequency
        self.cos, self.sin = angle.cos(), angle.sin()

    def rotate(self, x, cos, sin):
        a, b = x.chunk(2, -1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    def split(self, x, heads):
        batch, time, _ = x.shape
        return x.view(batch, time, heads, self.head).transpose(1, 2)

    def __call__(self, x, positions, bias, past=None):
        """`bias` [batch, 1, time, slots] is 0 where a row may look and very negative elsewhere."""
        batch, time, width = x.shape
        cos, sin = self.cos[positions][:, None], self.sin[positions][:, None]
        cache = []
        for layer, w in enumerate(self.blocks):
            normed = rms(x, w["attentionNorm"])
            q = self.rotate(self.split(normed @ w["query"], self.heads), cos, sin)
            k = self.rotate(self.split(normed @ w["key"], self.kv_heads), cos, sin)
            v = self.split(normed @ w["value"], self.kv_heads)
            if past is not None:
                k, v = torch.cat([past[layer][0], k], 2), torch.cat([past[layer][1], v], 2)
            cache.append((k, v))
            if self.kv_heads != self.heads:
                k, v = (each.repeat_interleave(self.heads // self.kv_heads, 1) for each in (k, v))
            scores = (q @ k.transpose(-1, -2)) * (1 / math.sqrt(self.head)) + bias
            mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, time, width)
            x = x + mixed @ w["output"]
            fed = rms(x, w["feedNorm"])
            x = x + (F.silu(fed @ w["gate"]) * (fed @ w["up"])) @ w["down"]
        return rms(x, self.norm), cache


def bias_of(visible):
    return torch.where(visible, 0.0, -1e9)[:, None]


def causal(valid):
    time = valid.shape[1]
    return bias_of(valid[:, None, :] & torch.ones(time, time, dtype=torch.bool).tril())


def positions_of(valid):
    return (valid.long().cumsum(1) - 1).clamp(min=0)


class Model:
    def __init__(self, tensors, config):
        self.config = config
        self.w = {
            name[len("model.") :]: torch.nn.Parameter(tensor)
            for name, tensor in tensors.items()
            if name.startswith("model.")
        }
        self.backbone = Stack(self.w, "backbone", config["layers"], config)
        self.decoder = Stack(self.w, "decoder", config["decoderLayers"], config)

    def embed(self, symbols):
        return F.embedding(symbols, self.w["backbone.embedding"])

    def logits(self, hidden):
        head = self.w.get("backbone.head")
        return hidden @ (self.w["backbone.embedding"].t() if head is None else head)

    def linear(self, x, part, name):
        return x @ self.w[f"{part}.{name}"] + self.w[f"{part}.{name}Bias"]

    def latent(self, hidden):
        part = "latentHead"
        inner = self.linear(F.gelu(self.linear(hidden, part, "first")), part, "second")
        trunk = F.layer_norm(inner, inner.shape[-1:], self.w[f"{part}.scale"], self.w[f"{part}.shift"], 1e-5)
        return self.linear(trunk, part, "mean"), self.linear(trunk, part, "logVariance").clamp(-12, 4)

    def stop(self, latent):
        return self.linear(F.gelu(self.linear(latent, "stopHead", "first")), "stopHead", "second")

    def spell(self, latents, symbols):
        """Logits of the step decoder over latents [n, c, width], then symbols [n, time]."""
        x = torch.cat([latents, self.embed(symbols)], 1)
        n, time, _ = x.shape
        hidden, _ = self.decoder(x, torch.arange(time).expand(n, time), causal(torch.ones(n, time, dtype=torch.bool)))
        return hidden @ self.w["decoder.head"]


def optimiser(named, options):
    many = [w for w in named if w.dim() > 1]
    few = [w for w in named if w.dim() <= 1]
    groups = [{"params": many, "weight_decay": options["weightDecay"]}, {"params": few, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=options["learningRate"], betas=(0.9, 0.999), eps=1e-8, foreach=True)


def cross_entropy(logits, symbols):
    return F.cross_entropy(logits.flatten(0, -2), symbols.flatten(), ignore_index=PAD, reduction="sum")


def supervised_loss(model, question, tail, groups, needed, noise):
    config = model.config
    steps, per_step = config["maxSteps"], config["perStep"]
    batch, length = question.shape
    valid = question != PAD
    hidden, cache = model.backbone(model.embed(question), positions_of(valid), causal(valid))
    hidden, following = hidden[:, -1], valid.sum(1)
    seen, latents, divergence = valid, [], 0.0
    for t in range(steps * per_step):
        mean, log_variance = model.latent(hidden)
        latent = mean + (0.5 * log_variance).exp() * noise[t]
        divergence = divergence + 0.5 * (mean * mean + log_variance.exp() - 1 - log_variance).sum()
        kept = t // per_step < needed
        seen = torch.cat([seen, kept[:, None]], 1)
        passed, cache = model.backbone(latent[:, None], following[:, None], bias_of(seen[:, None]), cache)
        hidden, following = passed[:, 0], following + kept
        latents.append(latent)
    time = tail.shape[1]
    within = torch.ones(time, time, dtype=torch.bool).tril().expand(batch, time, time)
    visible = torch.cat([seen[:, None].expand(batch, time, seen.shape[1]), within], 2)
    positions = following[:, None] + torch.arange(time)
    hidden, _ = model.backbone(model.embed(tail), positions, bias_of(visible), cache)
    targets = tail[:, 1:]
    text = cross_entropy(model.logits(hidden[:, :-1]), targets) / (targets != PAD).sum()

    latents = torch.stack(latents, 1)
    width = latents.shape[2]
    spelt = model.spell(latents.reshape(batch * steps, per_step, width), groups.flatten(0, 1)[:, :-1])
    said = cross_entropy(spelt[:, per_step - 1 :], groups.flatten(0, 1)) / (batch * steps)
    beyond = torch.arange(steps * per_step)[None] >= needed[:, None] * per_step
    stop = F.cross_entropy(model.stop(latents).flatten(0, 1), beyond.long().flatten(), reduction="sum") / (batch * steps)
    return text + said + stop + config["divergence"] * divergence / latents.numel()


def score(model, question, latents, used, tail):
    """Log-probabilities of stored trajectories: of latents and of what was written, with what of them counts."""
    config = model.config
    length, count = question.shape[1], latents.shape[1]
    at = torch.arange(count)[None]
    live = at < used[:, None]
    valid = torch.cat([question != PAD, live, tail != PAD], 1)
    x = torch.cat([model.embed(question), latents, model.embed(tail)], 1)
    hidden, _ = model.backbone(x, positions_of(valid), causal(valid))
    mean, log_variance = model.latent(hidden[:, length - 1 : length - 1 + count])
    deviation = (0.5 * log_variance).exp().clamp(min=config["floor"])
    distance = (latents - mean) / deviation
    density = (-0.5 * distance * distance - deviation.log() - 0.5 * math.log(2 * math.pi)).sum(2)
    decision = model.stop(latents).log_softmax(-1)
    going = torch.where(at % config["perStep"] == 0, decision[..., 0], 0.0)
    stopping = torch.where(at == used[:, None], decision[..., 1], 0.0).sum(1, keepdim=True)
    symbols = tail[:, 1:]
    predicted = model.logits(hidden[:, length + count : -1]).log_softmax(-1)
    picked = predicted.gather(2, symbols[..., None])[..., 0]
    real = symbols != PAD
    written = torch.cat([stopping, torch.where(real, picked, 0.0)], 1)
    stopped = used[:, None] < count
    return torch.where(live, density + going, 0.0), live, written, torch.cat([stopped, real], 1)


def policy_loss(model, replay, old, advantage):
    config = model.config
    latent, latent_live, written, written_live = score(model, *replay)

    def part(now, before, live):
        limit = config["logRatioLimit"]
        ratio = (now - before).clamp(-limit, limit).exp()
        gain = torch.minimum(ratio * advantage[:, None], ratio.clamp(1 - config["clip"], 1 + config["clip"]) * advantage[:, None])
        return ((-gain * live).sum(1) / (live.sum(1) + 1e-5)).mean()

    return part(latent, old[0], latent_live) + part(written, old[1], written_live)


def before(model, replay):
    with torch.no_grad():
        latent, _, written, _ = score(model, *replay)
    return latent, written


def generate(model, question, floor, sampled, limit):
    """Latents with learned stops, then symbols: latents, used, and rows of written symbols."""
    config = model.config
    per_step = config["perStep"]
    batch = question.shape[0]
    with torch.no_grad():
        valid = question != PAD
        hidden, cache = model.backbone(model.embed(question), positions_of(valid), causal(valid))
        hidden, following, seen = hidden[:, -1], valid.sum(1), valid
        thinking = torch.ones(batch, dtype=torch.bool)
        used = torch.zeros(batch, dtype=torch.long)
        latents = []
        for t in range(config["maxSteps"] * per_step):
            mean, log_variance = model.latent(hidden)
            latent = mean + (0.5 * log_variance).exp().clamp(min=floor) * torch.randn_like(mean)
            latents.append(latent)
            if t % per_step == 0:
                chance = model.stop(latent).softmax(-1)[:, 1]
                bar = torch.rand(batch) if sampled else 0.5
                thinking = thinking & ~(bar < chance)
            used = torch.where(thinking, t + 1, used)
            seen = torch.cat([seen, thinking[:, None]], 1)
            passed, cache = model.backbone(latent[:, None], following[:, None], bias_of(seen[:, None]), cache)
            following = following + thinking
            hidden = torch.where(thinking[:, None], passed[:, 0], hidden)
            if not thinking.any():
                break
        symbols = torch.full((batch,), EOT)
        ended = torch.zeros(batch, dtype=torch.bool)
        written = [[] for _ in range(batch)]
        for at in range(limit):
            seen = torch.cat([seen, torch.ones(batch, 1, dtype=torch.bool)], 1)
            passed, cache = model.backbone(model.embed(symbols)[:, None], following[:, None], bias_of(seen[:, None]), cache)
            following = following + 1
            logits = model.logits(passed[:, 0])
            chosen = torch.multinomial(logits.softmax(-1), 1)[:, 0] if sampled else logits.argmax(-1)
            symbols = torch.where(ended, EOS, chosen)
            for row, (symbol, end) in enumerate(zip(symbols.tolist(), ended.tolist())):
                if not end:
                    written[row].append(symbol)
            ended = ended | (symbols == EOS)
            if ended.all():
                break
        full = torch.zeros(batch, config["maxSteps"] * per_step, config["width"])
        full[:, : len(latents)] = torch.stack(latents, 1)
        return full, used, written


def speak(model, latents):
    """Greedy texts of latent groups [n, c, width]."""
    config = model.config
    n, c, _ = latents.shape
    with torch.no_grad():
        valid = torch.ones(n, c, dtype=torch.bool)
        hidden, cache = model.decoder(latents, positions_of(valid), causal(valid))
        ended = torch.zeros(n, dtype=torch.bool)
        columns = []
        for at in range(config["stepSymbols"]):
            symbols = torch.where(ended, EOS, (hidden[:, -1] @ model.w["decoder.head"]).argmax(-1))
            columns.append(symbols)
            ended = ended | (symbols == EOS)
            if ended.all() or at == config["stepSymbols"] - 1:
                break
            position = torch.full((n, 1), c + at)
            free = torch.zeros(1, 1, 1, c + at + 1)
            hidden, cache = model.decoder(model.embed(symbols)[:, None], position, free, cache)
    return [row[: row.index(EOS)] if EOS in row else row for row in torch.stack(columns, 1).tolist()]


def equation(step, equals):
    """Operands and result of a step, or nothing where it is not an equation."""
    if step.count(equals) != 1 or step[-1] == equals or len(step) < 3:
        return None
    at = step.index(equals)
    return step[:at], step[at + 1 :]


def coherence(steps, answer, equals):
    read = [equation(step, equals) for step in steps]
    hits = 0
    for i, step in enumerate(read):
        if step is None:
            continue
        later = read[i + 1 :]
        hits += step[1] == answer if not later else any(each and step[1][0] in each[0] for each in later)
    return hits / len(steps) if steps else 0.0


def reward(symbols, expected, steps, equals):
    body = symbols[:-1] if symbols[-1:] == [EOS] else symbols
    answer = body[body.index(SIGN) + 1 :] if SIGN in body else []
    right = float(answer == [expected])
    formed = float(len(answer) > 0 and body[0] == SIGN)
    return right + 0.5 * formed + 0.1 * coherence(steps, answer, equals) * right


def padded(rows, length):
    out = torch.full((len(rows), length), PAD)
    for i, row in enumerate(rows):
        out[i, : len(row)] = torch.tensor(row)
    return out


def descend(loss, optimizer, named, options):
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(named, options["clipNorm"])
    optimizer.step()
    return loss.item()


def prepare(c):
    tensors, config = read(c["file"])
    model = Model(tensors, config)
    after = c.get("after", 0)
    if c["what"] == "update":
        named, options = list(model.w.values()), config["supervised"]
        optimizer = optimiser(named, options)
        batches = [
            [tensors[f"batch.{i}.{name}"] for name in ("question", "tail", "groups", "needed", "noise")]
            for i in range(config["updates"])
        ]
        made = 0

        def run(own_noise=True):
            nonlocal made
            *rows, noise = batches[made % len(batches)]
            made += 1
            drawn = torch.randn_like(noise) if own_noise else noise
            return descend(supervised_loss(model, *rows, drawn), optimizer, named, options)

        losses = [run(own_noise=False) for _ in range(after)]
        run()
        return run, losses[-1] if losses else 0.0
    if c["what"] == "round":
        named = [w for name, w in model.w.items() if not name.startswith("decoder.")]
        options = config["reinforced"]
        optimizer = optimiser(named, options)
        group, minibatch, questions = config["group"], config["minibatch"], config["questions"]
        if after > 0:
            names = ("question", "latents", "used", "tail")
            count = questions * group // minibatch
            replays = [[tensors[f"replay.{i}.{name}"] for name in names] for i in range(count)]
            old = [before(model, replay) for replay in replays]
            for made in range(after):
                i = made % count
                loss = policy_loss(model, replays[i], old[i], tensors[f"replay.{i}.advantage"])
                last = descend(loss, optimizer, named, options)
            return (lambda: None), last
        asked = tensors["questions"].repeat_interleave(group, 0)
        expected = tensors["answers"].repeat_interleave(group, 0).tolist()
        width, steps, per_step = config["width"], config["maxSteps"], config["perStep"]

        def run():
            latents, used, written = generate(model, asked, config["floor"], True, config["textSymbols"])
            texts = speak(model, latents.reshape(-1, per_step, width))
            rewards = []
            for row, symbols in enumerate(written):
                kept = used[row].item() // per_step
                rewards.append(reward(symbols, expected[row], texts[row * steps : row * steps + kept], config["equals"]))
            grouped = torch.tensor(rewards).view(questions, group)
            advantage = ((grouped - grouped.mean(1, keepdim=True)) / (grouped.std(1, keepdim=True) + 1e-8)).flatten()
            tail = padded([[EOT, *symbols] for symbols in written], config["textSymbols"] + 1)
            rows = torch.randperm(questions * group).view(-1, minibatch)
            replays = [(asked[r], latents[r], used[r], tail[r]) for r in rows]
            old = [before(model, replay) for replay in replays]
            for replay, earlier, r in zip(replays, old, rows):
                descend(policy_loss(model, replay, earlier, advantage[r]), optimizer, named, options)

        run()
        return run, 0.0
    rows = c.get("rows", 1)
    asked = tensors["questions"][torch.arange(rows) % tensors["questions"].shape[0]]
    run = lambda: generate(model, asked, 0.0, False, config["textSymbols"])
    run()
    return run, 0.0
