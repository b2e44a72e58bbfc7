// The counterpart of bench/peer_connect.cpp: two Pion connections in one process over loopback sockets.
// Prints the same three measurements as JSON: milliseconds to connect, microseconds for a 64-byte
// message there and back, megabytes a second in messages of (almost) 64 KiB.
package main

import (
	"encoding/json"
	"net"
	"os"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/webrtc/v3"
)

// Pion v3 reads into 65,535 bytes, so its pieces are one byte short of 64 KiB.
const rounds, pings, pieces, piece = 60, 2000, 400, 65535

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// Loopback and UDP only, as ours; without its own pause between checks it could not be compared.
func api() *webrtc.API {
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	return webrtc.NewAPI(webrtc.WithSettingEngine(settings))
}

type pair struct {
	left, right   *webrtc.PeerConnection
	send, receive *webrtc.DataChannel
}

func (p *pair) close() {
	check(p.left.Close())
	check(p.right.Close())
}

func connect(certificate webrtc.Certificate) (*pair, time.Duration) {
	configuration := webrtc.Configuration{Certificates: []webrtc.Certificate{certificate}}
	p := &pair{}
	var err error
	p.left, err = api().NewPeerConnection(configuration)
	check(err)
	p.right, err = api().NewPeerConnection(configuration)
	check(err)
	open := make(chan struct{}, 2)
	waiting := make(chan webrtc.ICECandidateInit, 32)
	p.right.OnICECandidate(func(c *webrtc.ICECandidate) {
		if c != nil {
			waiting <- c.ToJSON()
		}
	})
	p.left.OnICECandidate(func(c *webrtc.ICECandidate) {
		if c != nil {
			check(p.right.AddICECandidate(c.ToJSON()))
		}
	})
	p.right.OnDataChannel(func(d *webrtc.DataChannel) {
		p.receive = d
		d.OnOpen(func() { open <- struct{}{} })
	})
	began := time.Now()
	p.send, err = p.left.CreateDataChannel("d", nil)
	check(err)
	p.send.OnOpen(func() { open <- struct{}{} })
	offer, err := p.left.CreateOffer(nil)
	check(err)
	// The far end has the offer before the first candidate is there.
	check(p.right.SetRemoteDescription(offer))
	check(p.left.SetLocalDescription(offer))
	answer, err := p.right.CreateAnswer(nil)
	check(err)
	check(p.right.SetLocalDescription(answer))
	check(p.left.SetRemoteDescription(answer))
	go func() {
		for c := range waiting {
			_ = p.left.AddICECandidate(c)
		}
	}()
	<-open
	<-open
	return p, time.Since(began)
}

func main() {
	result := struct {
		Connect    []float64 `json:"connect"`
		PingPong   []float64 `json:"ping_pong"`
		Throughput []float64 `json:"throughput"`
	}{}
	key := newKey()
	certificate, err := webrtc.GenerateCertificate(key)
	check(err)
	for i := 0; i < rounds; i++ {
		p, took := connect(*certificate)
		result.Connect = append(result.Connect, float64(took.Microseconds())/1000)
		p.close()
	}

	p, _ := connect(*certificate)
	back := make(chan struct{}, 1)
	p.receive.OnMessage(func(m webrtc.DataChannelMessage) { check(p.receive.Send(m.Data)) })
	p.send.OnMessage(func(webrtc.DataChannelMessage) { back <- struct{}{} })
	ping := make([]byte, 64)
	for i := 0; i < pings; i++ {
		began := time.Now()
		check(p.send.Send(ping))
		<-back
		result.PingPong = append(result.PingPong, float64(time.Since(began).Nanoseconds())/1000)
	}
	p.close()

	for run := 0; run < 3; run++ {
		p, _ := connect(*certificate)
		done := make(chan struct{})
		got := 0
		p.receive.OnMessage(func(m webrtc.DataChannelMessage) {
			got += len(m.Data)
			if got == pieces*piece {
				close(done)
			}
		})
		low := make(chan struct{}, 1)
		p.send.SetBufferedAmountLowThreshold(1 << 20)
		p.send.OnBufferedAmountLow(func() {
			select {
			case low <- struct{}{}:
			default:
			}
		})
		message := make([]byte, piece)
		began := time.Now()
		for i := 0; i < pieces; i++ {
			if p.send.BufferedAmount() > 4<<20 {
				<-low
			}
			check(p.send.Send(message))
		}
		<-done
		result.Throughput = append(result.Throughput, pieces*piece/1e6/time.Since(began).Seconds())
		p.close()
	}
	check(json.NewEncoder(os.Stdout).Encode(result))
}
