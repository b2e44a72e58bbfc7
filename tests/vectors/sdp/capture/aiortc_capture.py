# Captures offers and answers of aiortc into ../aiortc: python3 aiortc_capture.py
import asyncio
import pathlib

from aiortc import RTCPeerConnection, RTCSessionDescription

root = pathlib.Path(__file__).resolve().parent.parent
(root / "aiortc").mkdir(exist_ok=True)


def save(name, text):
    (root / "aiortc" / f"{name}.sdp").write_bytes(text.encode())


def media(pc, direction="sendrecv"):
    pc.addTransceiver("audio", direction=direction)
    pc.addTransceiver("video", direction=direction)


scenarios = {
    "data": lambda pc: pc.createDataChannel("x"),
    "audio-video-data": lambda pc: (media(pc), pc.createDataChannel("x")),
    "receive-only": lambda pc: media(pc, "recvonly"),
}


async def answer(pc, name, offer):
    await pc.setRemoteDescription(offer)
    await pc.setLocalDescription(await pc.createAnswer())
    save(name + ".answer", pc.localDescription.sdp)


async def main():
    for name, prepare in scenarios.items():
        a, b = RTCPeerConnection(), RTCPeerConnection()
        prepare(a)
        await a.setLocalDescription(await a.createOffer())
        save(name + ".offer", a.localDescription.sdp)
        await answer(b, name, a.localDescription)
        await a.close()
        await b.close()
    for browser in ["chromium", "firefox"]:
        for name in ["data", "audio-video"]:
            text = (root / browser / f"{name}-gathered.offer.sdp").read_bytes().decode()
            pc = RTCPeerConnection()
            await answer(pc, f"to-{browser}-{name}", RTCSessionDescription(text, "offer"))
            await pc.close()


asyncio.run(main())
