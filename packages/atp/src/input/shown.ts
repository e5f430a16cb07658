/** What was found, as a message may show it: short, on one line, and nothing in it that a terminal would obey. */

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}...` : text)

/**
 * Text without line breaks and control characters; those, and signs that turn the direction of writing, are written as
 * `\u{1b}`. What is longer than `most` signs is cut.
 *
 *     plain("a\u001b[2Jb") // "a\u{1b}[2Jb"
 */
export const plain = (text: string, most = 2000): string =>
  cut(text, most)
    .toWellFormed()
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) => `\\u{${sign.codePointAt(0)!.toString(16)}}`)

/** Text in quotation marks, cut after `most` signs. */
export const quoted = (text: string, most = 60): string => {
  const escaped = JSON.stringify(text.slice(0, most).toWellFormed())
  return `${plain(escaped, 8 * most)}${text.length > most ? "..." : ""}`
}

/** A value as JSON writes it, cut after `most` signs; "unset" where there is none. */
export const shownValue = (value: unknown, most = 80): string =>
  value === undefined ? "unset" : plain(JSON.stringify(value), most)
