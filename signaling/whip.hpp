#pragma once
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/machine.hpp"
#include "signaling/sdp_fragment.hpp"

namespace lucid::signaling {

// The HTTP side of WHIP (RFC 9725) and of WHEP: who publishes into a room, and who watches it. What
// is in the offers, and what becomes of the media, is its owner's business.
//
//   POST /whip/ROOM or /whep/ROOM   an offer  --answered()-->  201, Location, ETag
//   PATCH   on the Location         candidates 204, or an ICE restart --restarted()--> 200
//   DELETE  on the Location         200
class WhipServer {
 public:
  enum class RequestId : std::uint64_t {};
  enum class SessionId : std::uint64_t {};
  enum class Role : std::uint8_t { publisher, viewer };
  using Headers = std::vector<std::pair<std::string, std::string>>;

  struct Config {
    std::string token;  // empty: nobody is asked for one
    std::size_t sessions = 1000;
    std::size_t body = std::size_t{256} * 1024;
  };
  struct Asked {
    RequestId id{};
    std::string method{};
    std::string path{};
    std::string content_type{}, if_match{}, authorization{};
    std::string body{};
  };
  struct Answer {
    RequestId id{};
    int status = 200;
    Headers headers{};
    std::string body{};
  };

  // An offer has come: answered() or refused().
  struct Offered {
    SessionId id{};
    Role role = Role::publisher;
    std::string room{};
    std::string sdp{};
  };
  struct Trickled {
    SessionId id{};
    SdpFragment fragment{};
  };
  // The client wants to restart ICE, with new credentials: restarted() or refused().
  struct RestartAsked {
    SessionId id{};
    SdpFragment fragment{};
  };
  struct Ended {  // by the client
    SessionId id{};
  };

  using Datagram = Asked;
  using Transmit = Answer;
  using Event = std::variant<Offered, Trickled, RestartAsked, Ended>;

  WhipServer(Config config, core::Context context)
      : config_{std::move(config)}, random_{context.random} {}

  // A server for whoever begins a session, as RFC 9725 4.6 says it.
  struct IceServer {
    std::vector<std::string> urls;
    std::string username, credential;
  };
  void answered(SessionId id, const std::string& sdp, const std::vector<IceServer>& servers);
  void restarted(SessionId id, const SdpFragment& fragment);
  // A 4xx or 5xx with a sentence; a session that was not answered yet is gone.
  void refused(SessionId id, int status, std::string sentence);
  void end(SessionId id);  // its media have ended

  void handle_datagram(Asked asked, core::Time now);
  void handle_timeout(core::Time) {}
  std::optional<Answer> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const { return std::nullopt; }

  std::size_t sessions() const { return sessions_.size(); }

 private:
  struct Session {
    Role role = Role::publisher;
    std::string path;  // its Location
    std::string tag;   // of its ICE session
    std::string ufrag;
    std::string wanted_ufrag;          // of a restart under way
    std::optional<RequestId> waiting;  // for answered(), restarted() or refused()
    bool established = false;
  };
  using Found = std::map<SessionId, Session>::iterator;

  void ask_endpoint(Asked& asked, Role role, const std::string& room);
  void ask_session(Asked& asked, Found session);
  void offer(Asked& asked, Role role, const std::string& room);
  void patch(Asked& asked, Found session);
  bool authorized(const std::string& authorization) const;
  void answer(RequestId id, int status, std::string sentence, Headers headers = {});
  std::string random_name();

  Config config_;
  core::Random& random_;
  std::map<SessionId, Session> sessions_;
  std::map<std::string, SessionId, std::less<>> paths_;
  std::uint64_t next_ = 1;
  std::deque<Answer> out_;
  std::deque<Event> events_;
};
static_assert(core::Machine<WhipServer>);

}  // namespace lucid::signaling
