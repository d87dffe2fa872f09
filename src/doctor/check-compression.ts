import type { DoctorCheck } from "../contract/api.ts";

/** Whether the quick compressor is there. Without it archives are the same format, and take longer. */
export function checkCompression(isLoaded: boolean): DoctorCheck {
  const name = "compression";
  if (isLoaded) return { name, status: "ok", message: "libdeflate is there: gzip goes at full speed" };
  return {
    name,
    status: "warning",
    message: "libdeflate is not installed: gzip takes about twice as long",
    hint: "apt-get install libdeflate0",
  };
}
