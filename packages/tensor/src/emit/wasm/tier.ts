/**
 * What the engine offers for `a * b + c`:
 * - `simd128`: 128-bit vectors, multiply then add.
 * - `fma`: relaxed SIMD, one fused instruction over 128 bits.
 * - `revectorize`: as `fma`, and the engine joins neighbouring 128-bit operations into 256-bit ones.
 */
export type Tier = "simd128" | "fma" | "revectorize"
