#include "app/whip_client.hpp"

#include "app/codecs.hpp"
#include "core/handle.hpp"

namespace lucid::app {

namespace {

namespace events = peer::events;

// The Location of a session may be a path of the endpoint's server.
std::string resolve(const std::string& base, const std::string& location) {
  if (location.find("://") != std::string::npos) return location;
  const std::size_t host = base.find("://") + 3;
  if (location.starts_with('/')) return base.substr(0, base.find('/', host)) + location;
  return base.substr(0, base.rfind('/') + 1) + location;
}

}  // namespace

WhipClient::WhipClient(net::Loop& loop, WhipOptions options, Handlers handlers)
    : loop_{loop},
      options_{std::move(options)},
      handlers_{std::move(handlers)},
      feeds_{loop, options_.video, options_.audio},
      sinks_{loop,
             {.record = options_.record, .keeps_picture = true},
             {[this] {
                for (peer::Receiver receiver : pc_->get_receivers()) {
                  if (receiver.track().kind == core::MediaKind::video)
                    receiver.request_key_frame(loop_.now());
                }
                driver_->pump();
              },
              [this](const std::string& problem) { handlers_.state(problem); }}} {
  const core::Context context = loop.context(options_.sink);
  auto made = peer::PeerConnection::create({.bundle_policy = peer::BundlePolicy::max_bundle,
                                            .wall_clock = loop.wall_clock(),
                                            .codecs = offered_codecs()},
                                           context, loop.now());
  core::check(made.has_value());  // an empty configuration is always good
  pc_ = std::make_unique<peer::PeerConnection>(std::move(*made));
  driver_ = std::make_unique<net::Driver<peer::PeerConnection>>(
      loop, *pc_, [this](peer::Event event, core::Time) { handle(std::move(event)); },
      net::EdgeOptions{.tracer = context.tracer("net")});
  if (const auto offered = offer(); !offered)
    loop.post([this, why = offered.error()] { handlers_.failed(why); });
}

WhipClient::~WhipClient() {
  for (const auto& [id, feed] : sent_) feeds_.unsubscribe(feed);
  pc_->close(loop_.now());
  driver_->pump();
}

// A publisher only sends; a viewer only receives.
std::expected<void, std::string> WhipClient::offer() {
  for (const auto kind : {core::MediaKind::audio, core::MediaKind::video}) {
    if (options_.publishes && !feeds_.has(kind)) continue;
    const peer::TransceiverInit init{
        .direction = options_.publishes ? peer::Direction::sendonly : peer::Direction::recvonly,
        .streams = {"lucid"}};
    const char* name = kind == core::MediaKind::video ? "video" : "audio";
    const auto made = options_.publishes
                          ? pc_->add_transceiver(peer::MediaStreamTrack{kind, name}, init)
                          : pc_->add_transceiver(kind, init);
    if (!made) return std::unexpected(made.error().text());
  }
  if (const auto set = pc_->set_local_description(loop_.now()); !set)
    return std::unexpected(set.error().text());
  driver_->pump();
  return {};
}

net::HttpRequest WhipClient::request(std::string method) const {
  net::HttpRequest request{.method = std::move(method)};
  if (!options_.token.empty()) request.headers.add("Authorization", "Bearer " + options_.token);
  return request;
}

void WhipClient::post() {
  if (std::exchange(asked_, true)) return;
  handlers_.state("asking " + options_.url);
  net::HttpRequest asking = request("POST");
  asking.headers.add("Content-Type", "application/sdp");
  asking.body = pc_->local_description()->sdp;
  call_ = std::make_unique<net::HttpCall>(loop_, options_.url, std::move(asking),
                                          net::HttpClientOptions{.tls = options_.tls},
                                          [this](const auto& answer) { answered(answer); });
}

void WhipClient::answered(const std::expected<net::HttpResponse, net::ConnectError>& answer) {
  if (!answer) {
    return handlers_.failed(options_.url + ": " + std::string{to_string(answer.error())});
  }
  if (answer->status != 201) {
    return handlers_.failed(options_.url + ": " + std::to_string(answer->status) + " " +
                            answer->body.substr(0, answer->body.find('\n')));
  }
  session_ = resolve(options_.url, std::string{answer->headers["Location"]});
  const auto set = pc_->set_remote_description({peer::SdpType::answer, answer->body}, loop_.now());
  if (!set) return handlers_.failed("the answer makes no sense: " + set.error().text());
  for (const peer::Receiver receiver : pc_->get_receivers()) {
    const auto codec = codec_of(receiver.get_parameters().codecs);
    if (codec && !options_.publishes) sinks_.expect(*codec);
  }
  driver_->pump();
}

void WhipClient::handle(peer::Event event) {
  std::visit(
      core::Overloaded{[&](events::IceGatheringStateChange& it) {
                         if (it.state == peer::IceGatheringState::complete)
                           loop_.post([this] { post(); });
                       },
                       [&](events::ConnectionStateChange& it) {
                         handlers_.state(std::string{to_string(it.state)});
                         if (it.state == peer::ConnectionState::connected) send_feeds();
                         if (it.state == peer::ConnectionState::failed ||
                             it.state == peer::ConnectionState::closed)
                           handlers_.failed("the connection was lost");
                       },
                       [&](events::KeyFrameRequested& it) {
                         const auto sent = sent_.find(it.transceiver.id());
                         if (sent != sent_.end()) feeds_.request_key_frame(sent->second);
                       },
                       [&](events::EncodingTargets& it) {
                         const auto sent = sent_.find(it.transceiver.id());
                         if (sent != sent_.end()) feeds_.follow(sent->second, it.encodings);
                       },
                       [&](events::Frame& it) { sinks_.push(std::move(it.frame)); }, [](auto&) {}},
      event);
}

void WhipClient::send_feeds() {
  if (!options_.publishes) return;
  for (peer::Transceiver transceiver : pc_->get_transceivers()) {
    const auto codec = codec_of(transceiver.sender().get_parameters().codecs);
    if (!codec || sent_.contains(transceiver.id())) continue;
    const auto feed = feeds_.subscribe(
        *codec, [this, sender = transceiver.sender()](const core::EncodedFrame& frame) mutable {
          sender.send(frame, loop_.now());
          driver_->pump();
        });
    if (!feed) {
      handlers_.failed(feed.error());
      return;
    }
    sent_.emplace(transceiver.id(), *feed);
    feeds_.follow(*feed, transceiver.sender().targets());
  }
}

Totals WhipClient::totals() { return totals_of(pc_->get_stats(loop_.now()), sinks_.stats()); }

void WhipClient::end() {
  if (session_.empty()) return loop_.post([this] { handlers_.ended(); });
  call_ = std::make_unique<net::HttpCall>(
      loop_, std::exchange(session_, {}), request("DELETE"),
      net::HttpClientOptions{.tls = options_.tls, .answer_within = std::chrono::seconds{3}},
      [this](const auto&) { handlers_.ended(); });
}

}  // namespace lucid::app
