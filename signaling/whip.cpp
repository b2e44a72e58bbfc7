#include "signaling/whip.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "signaling/names.hpp"

namespace lucid::signaling {

namespace {

constexpr std::string_view sdp_type = "application/sdp";
constexpr std::string_view fragment_type = "application/trickle-ice-sdpfrag";
constexpr std::size_t name_length = 22;  // 132 bits: who knows a session's name may end it

// Without parameters, in lower case.
std::string media_type(std::string_view field) {
  field = field.substr(0, field.find(';'));
  while (field.ends_with(' ')) field.remove_suffix(1);
  return core::to_lower(field);
}

bool same_secret(std::string_view a, std::string_view b) {
  return core::equal_constant_time(core::as_bytes(a), core::as_bytes(b));
}

// RFC 9725 4.6: <turn:example.org?transport=udp>; rel="ice-server"; username="..."; ...
WhipServer::Headers links_of(const std::vector<WhipServer::IceServer>& servers) {
  WhipServer::Headers links;
  for (const auto& server : servers) {
    for (const std::string& url : server.urls) {
      std::string link = "<" + url + ">; rel=\"ice-server\"";
      if (!server.username.empty()) {
        link += "; username=\"" + server.username + "\"; credential=\"" + server.credential +
                "\"; credential-type=\"password\"";
      }
      links.emplace_back("Link", std::move(link));
    }
  }
  return links;
}

}  // namespace

void WhipServer::handle_datagram(Asked asked, core::Time) {
  if (const auto path = paths_.find(asked.path); path != paths_.end())
    return ask_session(asked, sessions_.find(path->second));
  const bool viewer = asked.path.starts_with("/whep/");
  std::string_view rest = asked.path;
  rest.remove_prefix(std::min(rest.size(), std::string_view{"/whip/"}.size()));
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find('/') != std::string_view::npos && asked.method != "OPTIONS")
    return answer(asked.id, 404, "There is no such session; it may have ended.");
  ask_endpoint(asked, viewer ? Role::viewer : Role::publisher, std::string{rest});
}

bool WhipServer::authorized(const std::string& authorization) const {
  constexpr std::string_view scheme = "bearer ";
  if (config_.token.empty()) return true;
  return media_type(authorization.substr(0, scheme.size() - 1)) ==
             scheme.substr(0, scheme.size() - 1) &&
         authorization.size() > scheme.size() &&
         same_secret(std::string_view{authorization}.substr(scheme.size()), config_.token);
}

void WhipServer::ask_endpoint(Asked& asked, Role role, const std::string& room) {
  // RFC 9725 4.2: a page elsewhere asks first; it learns what is taken here.
  if (asked.method == "OPTIONS") {
    return answer(asked.id, 204, {},
                  {{"Accept-Post", std::string{sdp_type}},
                   {"Accept-Patch", std::string{fragment_type}},
                   {"Access-Control-Allow-Methods", "OPTIONS, POST, PATCH, DELETE"},
                   {"Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match"},
                   {"Access-Control-Max-Age", "86400"}});
  }
  if (!authorized(asked.authorization)) {
    return answer(asked.id, 401, "A token is needed: \"Authorization: Bearer TOKEN\".",
                  {{"WWW-Authenticate", "Bearer"}});
  }
  // RFC 9725 4.2: other methods are kept free.
  if (asked.method != "POST") {
    return answer(asked.id, 405, "An offer comes by POST.", {{"Allow", "OPTIONS, POST"}});
  }
  if (!is_room_name(room)) {
    return answer(asked.id, 404, "The name of a room has 1 to 64 letters, digits and -_.~ in it.");
  }
  offer(asked, role, room);
}

void WhipServer::offer(Asked& asked, Role role, const std::string& room) {
  if (media_type(asked.content_type) != sdp_type) {
    return answer(asked.id, 415, "An offer is application/sdp.",
                  {{"Accept-Post", std::string{sdp_type}}});
  }
  if (asked.body.size() > config_.body) return answer(asked.id, 413, "The offer is too long.");
  if (!asked.body.starts_with("v=0"))
    return answer(asked.id, 400, "The body is no SDP: it does not begin with v=0.");
  if (sessions_.size() >= config_.sessions)
    return answer(asked.id, 503, "The server is full.", {{"Retry-After", "10"}});
  const auto id = SessionId{next_++};
  Session& session = sessions_[id];
  session.role = role;
  session.path =
      std::string{role == Role::viewer ? "/whep/" : "/whip/"} + room + "/" + random_name();
  session.waiting = asked.id;
  if (const auto fragment = SdpFragment::parse(asked.body)) session.ufrag = fragment->ufrag;
  paths_.emplace(session.path, id);
  events_.push_back(Offered{id, role, room, std::move(asked.body)});
}

void WhipServer::answered(SessionId id, const std::string& sdp,
                          const std::vector<IceServer>& servers) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || !found->second.waiting) return;
  Session& session = found->second;
  session.established = true;
  session.tag = "\"" + random_name() + "\"";
  Headers headers = links_of(servers);
  headers.emplace_back("Content-Type", sdp_type);
  headers.emplace_back("Location", session.path);
  // RFC 9725 4.3.1: the tag stands for the ICE session.
  headers.emplace_back("ETag", session.tag);
  headers.emplace_back("Accept-Patch", fragment_type);
  answer(*std::exchange(session.waiting, std::nullopt), 201, sdp, std::move(headers));
}

void WhipServer::refused(SessionId id, int status, std::string sentence) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || !found->second.waiting) return;
  Headers headers;
  // WHEP: nobody publishes yet, or (RFC 9725 4.5) the server is busy; it is worth another try.
  if (status == 409 || status == 503) headers.emplace_back("Retry-After", "2");
  answer(*std::exchange(found->second.waiting, std::nullopt), status, std::move(sentence),
         std::move(headers));
  found->second.wanted_ufrag.clear();
  if (!found->second.established) end(id);
}

void WhipServer::ask_session(Asked& asked, Found found) {
  if (asked.method == "OPTIONS") return ask_endpoint(asked, found->second.role, {});
  if (!authorized(asked.authorization)) return ask_endpoint(asked, found->second.role, {});
  if (asked.method == "DELETE") {
    const SessionId id = found->first;
    end(id);
    events_.push_back(Ended{id});
    return answer(asked.id, 200, {});
  }
  if (asked.method == "PATCH") return patch(asked, found);
  answer(asked.id, 405, "A session takes PATCH and DELETE.", {{"Allow", "OPTIONS, PATCH, DELETE"}});
}

void WhipServer::patch(Asked& asked, Found found) {
  Session& session = found->second;
  if (media_type(asked.content_type) != fragment_type) {
    return answer(asked.id, 415, "Candidates come as application/trickle-ice-sdpfrag.",
                  {{"Accept-Patch", std::string{fragment_type}}});
  }
  if (asked.body.size() > config_.body) return answer(asked.id, 413, "The fragment is too long.");
  auto fragment = SdpFragment::parse(asked.body);
  if (!fragment || fragment->ufrag.empty() || fragment->pwd.empty())
    return answer(asked.id, 400, "The body is no SDP fragment with ICE credentials.");
  // RFC 9725 4.3.1: a PATCH says which ICE session it is for.
  if (asked.if_match.empty()) {
    return answer(asked.id, 428,
                  "If-Match is needed: the ETag of the session, or * to restart ICE.");
  }
  const bool any = asked.if_match == "*";
  const bool restart = any && fragment->ufrag != session.ufrag;
  if (!session.established || session.waiting)
    return answer(asked.id, 409, "The session waits for another answer.", {{"Retry-After", "1"}});
  if (!any && asked.if_match != session.tag)
    return answer(asked.id, 412, "The session has another ETag by now.");
  if (restart) {
    session.waiting = asked.id;
    session.wanted_ufrag = fragment->ufrag;
    events_.push_back(RestartAsked{found->first, *std::move(fragment)});
    return;
  }
  if (fragment->ufrag != session.ufrag) {
    return answer(asked.id, 422, "These credentials are new: an ICE restart has If-Match: *.");
  }
  events_.push_back(Trickled{found->first, *std::move(fragment)});
  answer(asked.id, 204, {});
}

// RFC 9725 4.3.3: the answer has the server's new credentials and candidates, and a new tag.
void WhipServer::restarted(SessionId id, const SdpFragment& fragment) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || !found->second.waiting) return;
  Session& session = found->second;
  session.ufrag = std::exchange(session.wanted_ufrag, {});
  session.tag = "\"" + random_name() + "\"";
  answer(*std::exchange(session.waiting, std::nullopt), 200, fragment.text(),
         {{"Content-Type", std::string{fragment_type}}, {"ETag", session.tag}});
}

void WhipServer::end(SessionId id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  if (const auto waiting = found->second.waiting) answer(*waiting, 503, "The session has ended.");
  paths_.erase(found->second.path);
  sessions_.erase(found);
}

void WhipServer::answer(RequestId id, int status, std::string sentence, Headers headers) {
  headers.emplace_back("Access-Control-Allow-Origin", "*");
  headers.emplace_back("Access-Control-Expose-Headers",
                       "Location, ETag, Link, Accept-Patch, Retry-After");
  if (status >= 400) {
    sentence += '\n';
    headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  }
  out_.push_back({id, status, std::move(headers), std::move(sentence)});
}

std::string WhipServer::random_name() {
  std::string name = random_.text(name_length);
  std::ranges::replace(name, '+', '-');
  std::ranges::replace(name, '/', '_');
  return name;
}

std::optional<WhipServer::Answer> WhipServer::poll_transmit() {
  if (out_.empty()) return std::nullopt;
  Answer answer = std::move(out_.front());
  out_.pop_front();
  return answer;
}

std::optional<WhipServer::Event> WhipServer::poll_event() {
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace lucid::signaling
