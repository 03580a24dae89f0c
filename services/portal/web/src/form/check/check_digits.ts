/** Check digits and letters, as `shared/domain/src/check_digit.rs` and `check_letter.rs` have them. */

const ODD = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

/** Whether the last of these digits is the check digit of VAT numbers and provisional tax codes. */
export function checkDigitFits(digits: string): boolean {
  let sum = 0;
  for (const [index, digit] of [...digits].entries()) {
    const weighed = index % 2 === 0 ? Number(digit) : 2 * Number(digit);
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum > 0 && sum % 10 === 0;
}

/** The check letter of tax codes and Italian accounts, from digits and capitals. */
export function checkLetter(text: string): string {
  let sum = 0;
  for (const [index, character] of [...text].entries()) {
    const rank = /\d/.test(character) ? Number(character) : character.charCodeAt(0) - 65;
    sum += index % 2 === 0 ? (ODD[rank] ?? 0) : rank;
  }
  return String.fromCharCode(65 + (sum % 26));
}
