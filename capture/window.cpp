#include "capture/sink.hpp"

#if LUCID_HAVE_SDL
#include <SDL2/SDL.h>

#include "core/handle.hpp"
#endif

namespace lucid::capture {

#if LUCID_HAVE_SDL
namespace {

constexpr core::Duration most_queued_sound = std::chrono::milliseconds{400};

class SdlWindow final : public Window {
 public:
  ~SdlWindow() override {
    if (sound_ != 0) SDL_CloseAudioDevice(sound_);
    texture_.reset();
    renderer_.reset();
    window_.reset();
    SDL_QuitSubSystem(SDL_INIT_VIDEO | SDL_INIT_AUDIO);
  }

  bool open(std::string_view title) {
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) != 0) return false;
    // Without a display SDL takes a driver that shows nothing to anybody.
    const std::string_view driver = SDL_GetCurrentVideoDriver();
    if ((driver == "offscreen" || driver == "dummy") && SDL_getenv("SDL_VIDEODRIVER") == nullptr) {
      SDL_SetError("there is no display");
      return false;
    }
    window_.reset(SDL_CreateWindow(std::string{title}.c_str(), SDL_WINDOWPOS_UNDEFINED,
                                   SDL_WINDOWPOS_UNDEFINED, 640, 480, SDL_WINDOW_RESIZABLE));
    if (!window_) return false;
    renderer_.reset(SDL_CreateRenderer(window_.get(), -1, 0));
    return renderer_ != nullptr;
  }

  void show(const core::VideoFrame& frame) override {
    if (!texture_ || width_ != frame.width || height_ != frame.height) {
      texture_.reset(SDL_CreateTexture(renderer_.get(), SDL_PIXELFORMAT_IYUV,
                                       SDL_TEXTUREACCESS_STREAMING, frame.width, frame.height));
      width_ = frame.width;
      height_ = frame.height;
      // Bars at the sides rather than a picture out of shape.
      SDL_RenderSetLogicalSize(renderer_.get(), width_, height_);
    }
    if (!texture_) return;
    SDL_UpdateTexture(texture_.get(), nullptr, frame.planes.data(), frame.width);
    SDL_RenderClear(renderer_.get());
    SDL_RenderCopyEx(renderer_.get(), texture_.get(), nullptr, nullptr, frame.rotation, nullptr,
                     SDL_FLIP_NONE);
    SDL_RenderPresent(renderer_.get());
  }

  void play(const core::AudioFrame& frame) override {
    if (!prepare_sound(frame) || queued_sound() > most_queued_sound) return;
    SDL_QueueAudio(sound_, frame.samples.data(),
                   static_cast<Uint32>(frame.samples.size() * sizeof(std::int16_t)));
  }

  core::Duration queued_sound() const override {
    if (sound_ == 0) return {};
    const auto samples = static_cast<std::int64_t>(SDL_GetQueuedAudioSize(sound_) /
                                                   (sizeof(std::int16_t) * channels_));
    return core::Duration{samples * 1'000'000 / rate_};
  }

  bool handle_events() override {
    SDL_Event event;
    while (SDL_PollEvent(&event) != 0) {
      if (event.type == SDL_QUIT) open_ = false;
    }
    return open_;
  }

 private:
  bool prepare_sound(const core::AudioFrame& frame) {
    if (sound_ != 0 && rate_ == frame.sample_rate && channels_ == frame.channels) return true;
    if (sound_failed_) return false;
    if (sound_ != 0) SDL_CloseAudioDevice(sound_);
    rate_ = frame.sample_rate;
    channels_ = frame.channels;
    SDL_AudioSpec wanted{};
    wanted.freq = static_cast<int>(rate_);
    wanted.format = AUDIO_S16SYS;
    wanted.channels = channels_;
    wanted.samples = 512;
    sound_ = SDL_InitSubSystem(SDL_INIT_AUDIO) == 0
                 ? SDL_OpenAudioDevice(nullptr, 0, &wanted, nullptr, 0)
                 : 0;
    sound_failed_ = sound_ == 0;
    if (!sound_failed_) SDL_PauseAudioDevice(sound_, 0);
    return !sound_failed_;
  }

  core::Handle<SDL_Window, SDL_DestroyWindow> window_;
  core::Handle<SDL_Renderer, SDL_DestroyRenderer> renderer_;
  core::Handle<SDL_Texture, SDL_DestroyTexture> texture_;
  std::uint16_t width_ = 0;
  std::uint16_t height_ = 0;
  SDL_AudioDeviceID sound_ = 0;
  bool sound_failed_ = false;
  std::uint32_t rate_ = 48'000;
  std::uint8_t channels_ = 1;
  bool open_ = true;
};

}  // namespace

std::expected<std::unique_ptr<Window>, OpenFailure> Window::open(std::string_view title) {
  auto window = std::make_unique<SdlWindow>();
  if (!window->open(title)) {
    return std::unexpected(OpenFailure{
        OpenError::not_found, std::string{"no window can be opened here: "} + SDL_GetError() +
                                  "; over ssh, --view terminal works"});
  }
  return window;
}
#else
std::expected<std::unique_ptr<Window>, OpenFailure> Window::open(std::string_view) {
  return std::unexpected(OpenFailure{
      OpenError::not_available, "this build has no windows: install libsdl2-dev and build again"});
}
#endif

}  // namespace lucid::capture
