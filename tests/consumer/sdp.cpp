// What a stranger writes who wants SDP alone.
#include <sdp/session.hpp>

int main() {
  const auto session = lucid::sdp::parse(
      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 opus/48000/2\r\n");
  return session && lucid::sdp::serialize(*session).find("opus/48000/2") != std::string::npos ? 0
                                                                                              : 1;
}
