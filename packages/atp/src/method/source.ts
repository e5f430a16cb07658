/** Where a method is from, as a value: what tables and pages of methods say of it. */

/**
 * Where a method is published, and what it comes to in symbols.
 *
 * @example
 * const source: Method.Source = { paper: "arXiv 2412.06769, section 3", equation: "z_t = h_t" }
 * Method.variant(Methods.coconut, { name: "Mine", summary: "...", source }).source?.equation // => "z_t = h_t"
 */
export interface Source {
  /** `arXiv 2412.06769`, with the section where that says more; null where it is from nowhere else. */
  readonly paper: string | null
  /**
   * What makes the method, in plain text: h_t is the state before latent t, z_t the latent, E the table of embeddings, q the
   * question, a the answer, s_k step k. Several equations are set apart by "; ".
   */
  readonly equation: string
}
