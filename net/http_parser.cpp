#include "net/detail/http_parser.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <variant>

#include "core/text.hpp"

namespace lucid::net::detail {

namespace http = boost::beast::http;
using boost::system::error_code;
using View = boost::beast::string_view;

namespace {

std::string text(View view) { return {view.data(), view.size()}; }

// Beast's parser, with what it finds going straight into a message of ours.
template <bool is_request>
class Parser final : public http::basic_parser<is_request> {
 public:
  std::conditional_t<is_request, HttpRequest, HttpResponse> message;

 private:
  void on_request_impl(http::verb, View method, View target, int version, error_code&) override {
    http_1_0_ = version < 11;
    if constexpr (is_request) {
      message.method = text(method);
      message.target = text(target);
    }
  }
  void on_response_impl(int status, View, int, error_code&) override {
    if constexpr (!is_request) message.status = status;
  }
  void on_field_impl(http::field field, View name, View value, error_code& error) override {
    // RFC 9110 6.5.1: what stands behind the body is no part of the header.
    if (this->is_header_done()) return;
    // RFC 9110 7.8: HTTP/1.0 knows no upgrade.
    if (http_1_0_ && field == http::field::upgrade) return;
    // RFC 9112 6.1, RFC 9112 6.3: behind another coding nobody knows where the next message begins.
    if (field == http::field::transfer_encoding &&
        !core::equal_ignoring_case({value.data(), value.size()}, "chunked")) {
      error = http::error::bad_transfer_encoding;
    }
    if (field == http::field::host) ++hosts_;
    message.headers.add(text(name), text(value));
  }
  void on_header_impl(error_code& error) override {
    // RFC 9112 3.2: a request names its host, and once.
    if (is_request && hosts_ != 1 && (hosts_ > 1 || !http_1_0_)) error = http::error::bad_field;
  }
  // The room comes with the body, not with the promise of one.
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(View part, error_code&) override {
    message.body.append(part.data(), part.size());
    return part.size();
  }
  void on_chunk_header_impl(std::uint64_t, View, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View part, error_code&) override {
    message.body.append(part.data(), part.size());
    return part.size();
  }
  void on_finish_impl(error_code&) override {}

  bool http_1_0_ = false;
  int hosts_ = 0;
};

}  // namespace

// One message under way.
struct HttpParser::Engine {
  std::variant<Parser<true>, Parser<false>> parser;
  std::size_t header = 0;  // bytes of it so far

  template <class Visitor>
  auto visit(Visitor visitor) {
    return std::visit(visitor, parser);
  }
};

HttpParser::HttpParser(Expects what, std::size_t max_header, std::size_t max_body)
    : what_{what}, max_header_{max_header}, max_body_{max_body} {}
HttpParser::~HttpParser() = default;
HttpParser::HttpParser(HttpParser&&) noexcept = default;
HttpParser& HttpParser::operator=(HttpParser&&) noexcept = default;

void HttpParser::renew() {
  engine_ = std::make_unique<Engine>();
  if (what_ != Expects::requests) {
    engine_->parser.emplace<1>().skip(what_ == Expects::response_to_head);
  }
  engine_->visit([this](auto& parser) {
    parser.header_limit(static_cast<std::uint32_t>(max_header_));
    parser.body_limit(max_body_);
  });
}

void HttpParser::feed(core::Bytes bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

HttpParser::State HttpParser::parse() {
  if (bytes_.empty()) return State::more;
  if (engine_ == nullptr) renew();
  error_code error;
  std::size_t used = 0;
  engine_->visit([&](auto& parser) {
    while (!error && !parser.is_done() && used < bytes_.size()) {
      const bool in_header = !parser.is_header_done();
      const std::size_t room = in_header ? max_header_ - engine_->header : max_header_;
      const std::size_t shown = std::min(bytes_.size() - used, room);
      const std::size_t taken =
          parser.put(boost::asio::const_buffer{bytes_.data() + used, shown}, error);
      used += taken;
      if (in_header) engine_->header += taken;
      if (error != http::error::need_more || shown < room) continue;
      // What does not end here, header, chunk header or trailer, is as long as a header may be.
      error = taken > 0 && taken < room ? error_code{} : http::error::header_limit;
    }
  });
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(used));
  if (error == http::error::need_more) error = {};
  if (error == http::error::header_limit) return State::header_too_large;
  if (error == http::error::body_limit) return State::body_too_large;
  if (error) return State::malformed;
  return engine_->visit([](auto& parser) { return parser.is_done(); }) ? State::complete
                                                                       : State::more;
}

HttpParser::State HttpParser::end() {
  if (engine_ == nullptr) return State::malformed;
  error_code error;
  engine_->visit([&](auto& parser) { parser.put_eof(error); });
  return error ? State::malformed : State::complete;
}

bool HttpParser::idle() const { return engine_ == nullptr && bytes_.empty(); }

bool HttpParser::wants_continue() const {
  if (engine_ == nullptr) return false;
  return engine_->visit([](auto& parser) {
    return parser.is_header_done() && !parser.is_done() &&
           parser.message.headers.lists("Expect", "100-continue");
  });
}

bool HttpParser::keep_alive() const {
  return engine_ != nullptr && engine_->visit([](auto& parser) { return parser.keep_alive(); });
}

HttpRequest HttpParser::take_request() {
  HttpRequest request = std::move(std::get<0>(engine_->parser).message);
  engine_.reset();
  return request;
}

HttpResponse HttpParser::take_response() {
  HttpResponse response = std::move(std::get<1>(engine_->parser).message);
  engine_.reset();
  return response;
}

}  // namespace lucid::net::detail
