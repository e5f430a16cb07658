/** How things are written on the page. */

/** A share in percent, to a whole one, or less than one. */
export const percent = (share: number): string =>
  share > 0 && share < 0.005 ? "<1 %" : share < 1 && share > 0.995 ? ">99 %" : `${Math.round(100 * share)} %`

/** A question or a step with a true minus sign. */
export const signs = (text: string): string => (text === "" ? "(nothing)" : text.replaceAll("-", "−"))

/** A share in percent, to a tenth. */
export const share = (value: number): string => `${(100 * value).toFixed(1)} %`

/** A difference of shares in points, with its sign. */
export const points = (difference: number): string => {
  const text = (100 * Math.abs(difference)).toFixed(1)
  return text === "0.0" ? text : `${difference < 0 ? "−" : "+"}${text}`
}
