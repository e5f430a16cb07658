/** How things are written on the page. */

/** A share in percent, to a whole one, or less than one. */
export const percent = (share: number): string =>
  share > 0 && share < 0.005 ? "<1 %" : share < 1 && share > 0.995 ? ">99 %" : `${Math.round(100 * share)} %`

/** A question or a step with a true minus sign. */
export const signs = (text: string): string => (text === "" ? "(nothing)" : text.replaceAll("-", "−"))
