// Captures offers and answers of Pion into the folder given: go run pion.go ..
package main

import (
	"os"

	"github.com/pion/webrtc/v3"
)

var root = os.Args[1] + "/"

func must(err error) {
	if err != nil {
		panic(err)
	}
}
func save(name, text string) { must(os.WriteFile(root+"pion/"+name+".sdp", []byte(text), 0o644)) }
func local(pc *webrtc.PeerConnection, d webrtc.SessionDescription) string {
	done := webrtc.GatheringCompletePromise(pc)
	must(pc.SetLocalDescription(d))
	<-done
	return pc.LocalDescription().SDP
}
func main() {
	os.MkdirAll(root+"pion", 0o755)
	kinds := map[string]func(*webrtc.PeerConnection){
		"data": func(pc *webrtc.PeerConnection) { pc.CreateDataChannel("x", nil) },
		"audio-video": func(pc *webrtc.PeerConnection) {
			pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio)
			pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo)
		},
		"send-video": func(pc *webrtc.PeerConnection) {
			t, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeH264}, "video", "pion")
			must(err)
			_, err = pc.AddTrack(t)
			must(err)
			pc.CreateDataChannel("x", nil)
		},
		"receive-only": func(pc *webrtc.PeerConnection) {
			i := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
			pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, i)
			pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, i)
		},
	}
	for name, setup := range kinds {
		a, _ := webrtc.NewPeerConnection(webrtc.Configuration{})
		b, _ := webrtc.NewPeerConnection(webrtc.Configuration{})
		setup(a)
		o, err := a.CreateOffer(nil)
		must(err)
		offer := local(a, o)
		save(name+".offer", offer)
		must(b.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}))
		an, err := b.CreateAnswer(nil)
		must(err)
		save(name+".answer", local(b, an))
		a.Close()
		b.Close()
	}
	for _, browser := range []string{"chromium", "firefox"} {
		for _, name := range []string{"data", "audio-video", "simulcast"} {
			text, err := os.ReadFile(root + browser + "/" + name + ".offer.sdp")
			must(err)
			b, _ := webrtc.NewPeerConnection(webrtc.Configuration{})
			must(b.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: string(text)}))
			an, err := b.CreateAnswer(nil)
			must(err)
			save("to-"+browser+"-"+name+".answer", local(b, an))
			b.Close()
		}
	}
}
