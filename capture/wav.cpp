#include <cstdio>

#include "capture/sink.hpp"
#include "core/handle.hpp"

namespace lucid::capture {

namespace {

void put(std::uint8_t*& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) *out++ = static_cast<std::uint8_t>(value >> 8 * i);
}
void put(std::uint8_t*& out, std::string_view text) {
  for (const char c : text) *out++ = static_cast<std::uint8_t>(c);
}

int close_file(std::FILE* file) { return std::fclose(file); }

class Wav final : public WavWriter {
 public:
  Wav(std::FILE* file, std::uint32_t rate, std::uint8_t channels)
      : file_{file}, rate_{rate}, channels_{channels} {
    write_header();
  }
  ~Wav() override { write_header(); }

  bool write(const core::AudioFrame& frame) override {
    if (frame.sample_rate != rate_ || frame.channels != channels_) return false;
    for (const std::int16_t sample : frame.samples) {
      const auto bits = static_cast<std::uint16_t>(sample);
      const std::uint8_t bytes[] = {static_cast<std::uint8_t>(bits),
                                    static_cast<std::uint8_t>(bits >> 8)};
      if (std::fwrite(bytes, 1, 2, file_.get()) != 2) return false;
    }
    const std::uint64_t second = std::uint64_t{rate_} * channels_ * 2;
    const bool full_second = bytes_ / second != (bytes_ + frame.samples.size() * 2) / second;
    bytes_ += frame.samples.size() * 2;
    if (full_second) write_header();
    return true;
  }

 private:
  void write_header() {
    std::uint8_t header[44];
    std::uint8_t* out = header;
    const auto size = static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes_, 0xFFFFFF00));
    put(out, "RIFF");
    put(out, size + 36, 4);
    put(out, "WAVEfmt ");
    put(out, 16, 4);
    put(out, 1, 2);  // PCM
    put(out, channels_, 2);
    put(out, rate_, 4);
    put(out, rate_ * channels_ * 2, 4);
    put(out, channels_ * 2U, 2);
    put(out, 16, 2);
    put(out, "data");
    put(out, size, 4);
    std::fseek(file_.get(), 0, SEEK_SET);
    std::fwrite(header, 1, sizeof(header), file_.get());
    std::fseek(file_.get(), 0, SEEK_END);
    std::fflush(file_.get());
  }

  core::Handle<std::FILE, close_file> file_;
  std::uint32_t rate_;
  std::uint8_t channels_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

std::expected<std::unique_ptr<WavWriter>, OpenFailure> WavWriter::open(const std::string& path,
                                                                       std::uint32_t rate,
                                                                       std::uint8_t channels) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) {
    return std::unexpected(
        OpenFailure{OpenError::permission_denied, "the file " + path + " cannot be written"});
  }
  return std::make_unique<Wav>(file, rate, channels);
}

}  // namespace lucid::capture
