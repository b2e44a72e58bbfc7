#include "capture/sink.hpp"

#include <utility>

#include "capture/detail/specification.hpp"

namespace lucid::capture {

namespace {

class NullSink final : public Sink {};

class WindowSink final : public Sink {
 public:
  explicit WindowSink(std::unique_ptr<Window> window) : window_{std::move(window)} {}
  void show(const core::VideoFrame& frame) override { window_->show(frame); }
  void play(const core::AudioFrame& frame) override { window_->play(frame); }
  bool handle_events() override { return window_->handle_events(); }

 private:
  std::unique_ptr<Window> window_;
};

class SnapshotSink final : public Sink {
 public:
  explicit SnapshotSink(std::string path) : path_{std::move(path)} {}
  ~SnapshotSink() override { (void)close(); }
  void show(const core::VideoFrame& frame) override { last_ = frame; }
  std::expected<void, OpenFailure> close() override {
    if (!last_) return {};
    return write_png(path_, *std::exchange(last_, std::nullopt));
  }

 private:
  std::string path_;
  std::optional<core::VideoFrame> last_;
};

// Opened with the first sound, which tells the rate.
class WavSink final : public Sink {
 public:
  explicit WavSink(std::string path) : path_{std::move(path)} {}
  void play(const core::AudioFrame& frame) override {
    if (!writer_ && !failure_) {
      auto opened = WavWriter::open(path_, frame.sample_rate, frame.channels);
      if (!opened) {
        failure_ = opened.error();
        return;
      }
      writer_ = std::move(*opened);
    }
    if (writer_ && !writer_->write(frame)) {
      failure_ = OpenFailure{OpenError::failed, path_ + " cannot be written any more"};
      writer_.reset();
    }
  }
  std::expected<void, OpenFailure> close() override {
    writer_.reset();
    if (failure_) return std::unexpected(*failure_);
    return {};
  }

 private:
  std::string path_;
  std::unique_ptr<WavWriter> writer_;
  std::optional<OpenFailure> failure_;
};

}  // namespace

std::expected<std::unique_ptr<Sink>, OpenFailure> open_sink(std::string_view text) {
  const auto specification = detail::Specification::parse(text);
  const std::string& path = specification.argument;
  if (text == "null") return std::make_unique<NullSink>();
  if (text == "window") {
    auto window = Window::open("Lucid");
    if (!window) return std::unexpected(window.error());
    return std::make_unique<WindowSink>(std::move(*window));
  }
  if (specification.kind == "snapshot" && path.ends_with(".png")) {
    return std::make_unique<SnapshotSink>(path);
  }
  if (specification.kind == "file" && path.ends_with(".wav")) {
    return std::make_unique<WavSink>(path);
  }
  return std::unexpected(
      OpenFailure{OpenError::bad_specification,
                  "'" + std::string{text} +
                      "' is no sink for decoded media; try window, null, snapshot:PATH.png or "
                      "file:PATH.wav"});
}

}  // namespace lucid::capture
