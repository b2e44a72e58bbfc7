# Captures offers and answers of a Janus with its sample configuration (HTTP on 127.0.0.1:8088) into ../janus:
#   janus -i 127.0.0.1 & python3 janus_capture.py
import json
import pathlib
import random
import time
import urllib.request

url = "http://127.0.0.1:8088/janus"
root = pathlib.Path(__file__).resolve().parent.parent
(root / "janus").mkdir(exist_ok=True)


def post(path, body):
    body["transaction"] = str(random.random())
    request = urllib.request.Request(url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=10))


session = "/" + str(post("", {"janus": "create"})["data"]["id"])


def attach(plugin):
    return session + "/" + str(post(session, {"janus": "attach", "plugin": plugin})["data"]["id"])


def message(handle, body, offer=None):
    jsep = {"jsep": {"type": "offer", "sdp": offer}} if offer else {}
    return post(handle, {"janus": "message", "body": body, **jsep})


def save_next(name):
    for _ in range(10):
        events = json.load(urllib.request.urlopen(url + session + "?maxev=1", timeout=35))
        for event in events if isinstance(events, list) else [events]:
            if "jsep" in event:
                (root / "janus" / f"{name}.sdp").write_bytes(event["jsep"]["sdp"].encode())
                return


for stream, name in [(1, "streaming"), (123, "multistream")]:
    message(attach("janus.plugin.streaming"), {"request": "watch", "id": stream})
    save_next(name + ".offer")
for browser in ["chromium", "firefox"]:
    for name in ["data", "audio-video", "simulcast"]:
        offer = (root / browser / f"{name}.offer.sdp").read_bytes().decode()
        message(attach("janus.plugin.echotest"), {"audio": True, "video": True}, offer)
        save_next(f"to-{browser}-{name}.answer")
room = attach("janus.plugin.videoroom")
message(room, {"request": "create", "room": 77, "publishers": 6})
message(room, {"request": "join", "ptype": "publisher", "room": 77, "id": 1})
time.sleep(0.3)
offer = (root / "chromium" / "audio-video.offer.sdp").read_bytes().decode()
message(room, {"request": "configure", "audio": True, "video": True}, offer)
save_next("videoroom-to-chromium-audio-video.answer")
