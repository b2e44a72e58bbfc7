#include <algorithm>

#include "app/call_status.hpp"
#include "app/caller.hpp"
#include "app/half_blocks.hpp"

namespace lucid::app {

using namespace std::chrono_literals;

namespace {

constexpr core::Duration between_stats = 1s;
constexpr core::Duration between_terminal_pictures = 100ms;
constexpr core::Duration between_window_pictures = 15ms;

}  // namespace

// Once a second: rates, who wants to hear of them, and who has been called for long enough.
void Caller::refresh() {
  second_.set(loop_.now() + between_stats);
  std::vector<std::string> silent;
  for (const auto& [peer, running] : calls_) {
    const bool waits = link_ && running.called_by_us && !running.call->phases().agreed;
    if (waits && loop_.now() - running.call->phases().began > answer_within) silent.push_back(peer);
  }
  for (const std::string& peer : silent) hang_up(peer, "no answer", ExitStatus::no_answer);
  for (auto& [peer, running] : calls_) {
    running.call->tell_statistics();
    running.rates = running.meter.measure(running.call->totals(), loop_.now());
  }
  if (options_.stats_every > 0 && loop_.now() >= next_stats_) {
    next_stats_ =
        loop_.now() + core::Duration{static_cast<std::int64_t>(options_.stats_every * 1e6)} - 50ms;
    for (auto& [peer, running] : calls_) {
      if (running.was_connected) output_.event(stats_event(peer, running));
    }
  }
  show_status();
}

// The pictures that have come since the last time.
void Caller::look() {
  const View view = options_.view;
  if (view == View::none) return;
  glance_.set(loop_.now() +
              (view == View::window ? between_window_pictures : between_terminal_pictures));
  if (window_ && !window_->handle_events()) return quit(ExitStatus::good);
  if (calls_.empty()) {
    if (!std::exchange(picture_, {}).empty()) show_status();
    return;
  }
  const auto picture = calls_.begin()->second.call->sinks().picture();
  if (!picture) return;
  if (window_) return window_->show(*picture);
  const ScreenSize size = screen_size();
  // Room is left for the status, the line being typed, and some of what has been said.
  picture_ = half_blocks(*picture, size.columns, size.rows > 16 ? size.rows - 13 : 4);
  show_status();
}

void Caller::show_status() {
  if (output_.form() != Output::Form::screen) return;
  CallStatus status{.title = name_.empty() ? "lucid" : name_};
  status.on_server = !link_ || link_->is_open();
  status.audio_muted = feeds_.muted(core::MediaKind::audio);
  status.video_muted = feeds_.muted(core::MediaKind::video);
  if (calls_.empty()) {
    status.title += ringing_.empty() ? ", no call" : ", " + ringing_.begin()->first + " is calling";
  } else {
    auto& [peer, running] = *calls_.begin();
    const std::size_t others = calls_.size() - 1;
    status.title += (running.was_connected ? ", in a call with " : ", calling ") + peer +
                    (others > 0 ? " and " + std::to_string(others) + " more" : "");
    if (running.call->phases().connected) {
      status.since_connected = loop_.now() - *running.call->phases().connected;
    }
    peer::PeerConnection& connection = running.call->connection();
    status.signaling = to_string(connection.signaling_state());
    status.gathering = to_string(connection.ice_gathering_state());
    status.ice = to_string(connection.ice_connection_state());
    status.connection = to_string(connection.connection_state());
    status.pair = pair_in_use(connection.get_stats(loop_.now()));
    status.rates = running.rates;
    status.totals = running.call->totals();
    const auto video = running.call->sinks().stats();
    if (video.width > 0) {
      status.video = std::to_string(video.width) + "x" + std::to_string(video.height);
    }
  }
  std::vector<std::string> lines = picture_;
  std::ranges::copy(status_lines(status, screen_size().columns), std::back_inserter(lines));
  output_.block(std::move(lines), console_ == nullptr ? "" : console_->typed());
}

}  // namespace lucid::app
