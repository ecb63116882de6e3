/** Numbers of cards have no place in an order: who sends one has mistaken a field, and it must not be kept. */

/** ISO/IEC 7812: 13 to 19 digits, perhaps in groups. Those of cards begin with 2 to 6. */
const pattern = /^[2-6](?:[ -]?\d){12,18}$/;

/** The Luhn formula, from the right: every second digit doubled. The last digit checks the others. */
const isChecked = (digits: string): boolean => {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits.charAt(digits.length - 1 - i));
    const weighted = i % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
};

/** Whether a text is the number of a card. */
export const isCardNumber = (text: string): boolean =>
  pattern.test(text) && isChecked(text.replace(/[ -]/g, ""));
