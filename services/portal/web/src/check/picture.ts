/** Reads a QR code from a picture, where the browser can: the picture stays on the device. */

interface Detector {
  detect(picture: ImageBitmap): Promise<readonly { readonly rawValue: string }[]>;
}

interface DetectorClass {
  new (options: { formats: readonly string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

function detectorClass(): DetectorClass | null {
  return (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector ?? null;
}

/** Whether this browser reads QR codes. */
export async function readsPictures(): Promise<boolean> {
  const none: readonly string[] = [];
  const formats = await detectorClass()?.getSupportedFormats().catch(() => none);
  return formats?.includes("qr_code") ?? false;
}

/** Returns the texts of the codes in a picture; none where it is no picture. */
export async function codesIn(file: Blob): Promise<readonly string[]> {
  const Class = detectorClass();
  if (Class === null) return [];
  try {
    const picture = await createImageBitmap(file);
    const codes = await new Class({ formats: ["qr_code"] }).detect(picture);
    picture.close();
    return codes.map((code) => code.rawValue);
  } catch {
    return [];
  }
}
