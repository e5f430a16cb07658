/** What papers say that no cell judges, and what that would take. */
export const unjudged: ReadonlyArray<readonly [says: string, takes: string]> = [
  [
    "CoLT (arXiv 2602.04246): where the gradient of the decoder does not reach the model, steps are not unpacked.",
    "a term that holds the states of seeds; that the gradient gets there by these alone is tested"
  ],
  [
    "Multiplex Thinking (arXiv 2601.08808): reinforced, most of the gain in pass@k is that of two symbols over one, and entropy falls more slowly.",
    "reinforcement of four methods on walk, at twenty latents an attempt"
  ],
  [
    "Latent-SFT (arXiv 2510.15522): at equal cost, mixtures are better targets than raw hidden states, and latents that do not see each other better than those that do.",
    "an encoder that can be asked for either"
  ],
  [
    "Latent-SFT (arXiv 2510.15522): more alternatives stay alive where a task branches than where it does not.",
    "two beds that differ in that alone"
  ],
  [
    "LatentRM (arXiv 2510.07745): labels of what comes of prefixes are better than the outcome copied to each.",
    "a ranking that takes outcomes for labels"
  ],
  [
    "MARCOS (arXiv 2509.25020): random vectors hold the digit that is added at random, one coordinate each, and another vector is another digit from there on.",
    "the tasks of that paper, random summation and random pairing"
  ],
  [
    "Soft Tokens (arXiv 2509.19170): reinforced on mixtures and used with symbols, many attempts answer more than after reinforcement on symbols, and noise of three times the usual breaks it.",
    "reinforcement of four methods, at twenty latents an attempt"
  ],
  [
    "Soft Thinking (arXiv 2505.15778): what follows a mixture is about what follows its likeliest symbol, more so without noise.",
    "distributions over the next symbol, which results do not keep"
  ],
  [
    "Token Assorted (arXiv 2502.03275): steps are rebuilt from their codes, the better the larger the book.",
    "books of other sizes, and a figure of texts that are rebuilt as they were"
  ],
  [
    "cDPO (arXiv 2411.19943): a step that was planted wrong is the critical one, and where cDPO makes right chains likelier DPO makes both less likely.",
    "chains with a planted step under models that were trained on both sides, and one more method, of DPO; under models that know the steps it is tested"
  ]
]
