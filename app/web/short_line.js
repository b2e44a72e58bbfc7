// A bundle as one short line, good for a QR code: "lucid:" and the base64url of its raw DEFLATE.
const through = async (stream, bytes) => new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

export async function toShortLine(bundle) {
  const packed = await through(new CompressionStream('deflate-raw'), new TextEncoder().encode(JSON.stringify(bundle)));
  const text = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(''));
  return `lucid:${text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

export async function fromShortLine(line) {
  if (!line.startsWith('lucid:')) throw new Error('it starts neither with { nor with lucid:');
  const text = atob(line.slice(6).replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(await through(new DecompressionStream('deflate-raw'), bytes)));
}
