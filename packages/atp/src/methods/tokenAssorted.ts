import { assorted, codeBookAlone } from "../layout/layout.ts"
import { method, variant } from "../method/method.ts"
import { codesInUse, codesOf, quantisation, rebuilding } from "../objective/coding.ts"
import { marked } from "../objective/marked.ts"
import { text } from "../objective/text.ts"
import { codeBook } from "../part/codeBook.ts"
import { llama } from "../part/llama.ts"
import { marks } from "../part/marks.ts"
import { likeliestMark } from "../policy/marks.ts"
import { byMark } from "../stop/byMark.ts"

/** Codes of the book, and codes that a step becomes. */
const size = 64
const perStep = 2

/** The first training: of the code book alone, on the steps of the data. */
const book = method({
  name: "Token Assorted codes",
  summary: "turns steps into codes of a book and back",
  source: {
    paper: "arXiv 2502.03275, section 3.1",
    equation: "L = -log p(s_k | q, e_k) + |sg(f_k) - e_k|^2 + 0.25 |f_k - sg(e_k)|^2, e_k the nearest code to f_k"
  },
  backbone: llama,
  parts: { book: codeBook({ size, perText: perStep }), codes: marks(size) },
  policy: ({ codes }) => likeliestMark(codes),
  stop: ({ backbone, codes }) => byMark(backbone, codes),
  layout: codeBookAlone({ perStep }),
  objective: [rebuilding(1, "book"), quantisation(1, "book"), codesInUse("book", size)],
  frozen: ["backbone", "codes"]
})

/**
 * Token Assorted (arXiv 2502.03275): a VQ-VAE learns a book of codes for pieces of chains; then the first pieces of a chain,
 * left to right, give way to their codes, as symbols of their own before the text of the others. How many is drawn anew for
 * every chain, and the model is trained on the next symbol, be it a code or text. It writes codes, then text, then the answer,
 * and needs the book no more.
 *
 * Inferred: a piece is a step, of 2 codes, and not 16 symbols; a book of 64 codes, learnt by its gradient with 0.25 of the
 * commitment; encoder and decoder of one layer, trained for as many updates as the stages of a curriculum and apart from the
 * model, whose own updates are those of every method; that what may come behind codes is another or their end alone; and that a code is always the likeliest, so that attempts
 * differ in how many there are and in their text.
 *
 * @example
 * Methods.tokenAssorted.after?.name // => "Token Assorted codes"
 * Methods.tokenAssorted.layout.name // => "mixtures, 2 a step"
 * Methods.tokenAssorted.frozen // => ["book"]
 */
export const tokenAssorted = variant(book, {
  name: "Token Assorted",
  summary: "writes codes of a learned book in place of its first steps, and text for the others",
  source: {
    paper: "arXiv 2502.03275",
    equation: "x = q, c_1 .. c_m, s_(m+1) .. s_n, a with m drawn for every chain; L = -sum log p(x_i | x_<i) behind q"
  },
  layout: assorted({ perStep }),
  objective: [text(1), marked(1, "codes", codesOf("book"))],
  given:
    ({ book, codes }) =>
    (batch, thinking) =>
      codes.embed(codesOf("book")(batch, thinking, { book })),
  frozen: ["book"],
  after: book
})
