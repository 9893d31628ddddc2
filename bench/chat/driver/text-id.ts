/** Of the id that stands in a text, behind `|`. */
export const idDigits = 8;
