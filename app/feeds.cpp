#include "app/feeds.hpp"

#include <algorithm>
#include <utility>

namespace lucid::app {

namespace {

std::uint32_t sample_rate_of(core::Codec codec) {
  if (codec == core::Codec::opus) return 48'000;
  return codec == core::Codec::g722 ? 16'000 : 8'000;
}

}  // namespace

std::expected<Feeds::Id, std::string> Feeds::subscribe(core::Codec codec, Deliver deliver) {
  std::shared_ptr<Feed>& feed = feeds_[codec];
  if (!feed) {
    feed = std::make_shared<Feed>();
    if (const auto problem = start(feed, codec)) {
      feeds_.erase(codec);
      return std::unexpected(*problem);
    }
  } else if (feed->video) {
    feed->video->request_key_frame();  // for who has just come
  }
  const auto id = Id{next_++};
  feed->listeners.emplace(id, Listener{std::move(deliver)});
  return id;
}

std::optional<std::string> Feeds::start(const std::shared_ptr<Feed>& feed, core::Codec codec) {
  const core::MediaKind kind = core::kind_of(codec);
  feed->outbox.emplace([this, weak = std::weak_ptr{feed}] {
    loop_.post([this, weak] {
      if (const auto alive = weak.lock()) deliver(*alive);
    });
  });
  // The outbox outlives the pipeline.
  const auto into_box = [&box = *feed->outbox](core::EncodedFrame frame) {
    box.push(std::move(frame));
  };
  if (kind == core::MediaKind::video) {
    auto source = capture::open_video(source_of(kind));
    if (!source) return source.error().message;
    feed->framerate = (*source)->framerate();
    feed->video = std::make_unique<media::VideoSendPipeline>(
        std::move(*source), codec::VideoEncoderConfig{.codec = codec},
        media::Allocation{{.bitrate = most_bitrate, .framerate = feed->framerate}}, into_box);
    feed->video->mute(muted(kind));
  } else {
    auto source = capture::open_audio(source_of(kind));
    if (!source) return source.error().message;
    feed->audio = std::make_unique<media::AudioSendPipeline>(
        std::move(*source),
        codec::AudioEncoderConfig{.codec = codec, .sample_rate = sample_rate_of(codec)}, into_box);
    feed->audio->mute(muted(kind));
  }
  return std::nullopt;
}

void Feeds::deliver(Feed& feed) {
  feed.outbox->drain([&](const core::EncodedFrame& frame) {
    // Who listens may end its own listening, or another's.
    std::vector<Id> ids;
    ids.reserve(feed.listeners.size());
    for (const auto& [id, deliver] : feed.listeners) ids.push_back(id);
    for (const Id id : ids) {
      const auto found = feed.listeners.find(id);
      if (found != feed.listeners.end()) found->second.deliver(frame);
    }
  });
  // Pictures that were left out are missed by those after them.
  const std::uint64_t dropped = feed.outbox->dropped();
  if (std::exchange(feed.dropped, dropped) != dropped && feed.video) {
    feed.video->request_key_frame();
  }
}

Feeds::Feed* Feeds::feed_of(Id id) {
  for (auto& [codec, feed] : feeds_) {
    if (feed->listeners.contains(id)) return feed.get();
  }
  return nullptr;
}

void Feeds::unsubscribe(Id id) {
  Feed* feed = feed_of(id);
  if (feed == nullptr) return;
  // It may be the one that is running.
  loop_.post([listener = feed->listeners.extract(id)] {});
  if (!feed->listeners.empty()) return allocate(*feed);
  std::erase_if(feeds_, [&](const auto& it) { return it.second.get() == feed; });
}

void Feeds::request_key_frame(Id id) {
  if (Feed* feed = feed_of(id); feed != nullptr && feed->video) feed->video->request_key_frame();
}

void Feeds::follow(Id id, std::span<const peer::EncodingTarget> targets) {
  Feed* feed = feed_of(id);
  if (feed == nullptr || targets.empty()) return;
  Listener& listener = feed->listeners.at(id);
  listener.bitrate = targets[0].active ? std::min(targets[0].bitrate, most_bitrate) : 0;
  listener.expected_loss = targets[0].expected_loss;
  allocate(*feed);
}

void Feeds::allocate(Feed& feed) {
  std::uint64_t least = most_bitrate;
  std::uint8_t loss = 0;
  for (const auto& [id, listener] : feed.listeners) {
    least = std::min(least, listener.bitrate);
    loss = std::max(loss, listener.expected_loss);
  }
  if (feed.listeners.size() > 1) least = std::max(least, least_shared_bitrate);
  if (feed.audio) feed.audio->set_expected_loss(loss);
  if (!feed.video) return;
  feed.video->allocate({{.active = least > 0,
                         .bitrate = static_cast<std::uint32_t>(least),
                         .framerate = feed.framerate}});
}

void Feeds::mute(core::MediaKind kind, bool muted) {
  muted_[static_cast<std::size_t>(kind)] = muted;
  for (auto& [codec, feed] : feeds_) {
    if (kind == core::MediaKind::video && feed->video) feed->video->mute(muted);
    if (kind == core::MediaKind::audio && feed->audio) feed->audio->mute(muted);
  }
}

}  // namespace lucid::app
