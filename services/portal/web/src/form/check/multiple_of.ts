/** Whether a number is a whole multiple of another, in the decimal digits that both print as. */
export function isMultipleOf(value: number, multiple: number): boolean {
  const [one, other] = [decimal(value), decimal(multiple)];
  const places = Math.max(one.places, other.places);
  const scaled = ({ digits, places: own }: Decimal): bigint => digits * 10n ** BigInt(places - own);
  return scaled(other) !== 0n && scaled(one) % scaled(other) === 0n;
}

interface Decimal {
  readonly digits: bigint;
  /** Digits behind the point; negative where zeros follow. */
  readonly places: number;
}

function decimal(value: number): Decimal {
  const [mantissa = "0", exponent = "0"] = String(value).split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  return { digits: BigInt(whole + fraction), places: fraction.length - Number(exponent) };
}
