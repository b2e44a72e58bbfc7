#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/optional.hpp>

#include "net/detail/http_parser.hpp"

namespace lucid::net::detail {

namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

template <class Fields>
HttpHeaders headers_of(const Fields& fields) {
  HttpHeaders headers;
  for (const auto& field : fields) {
    headers.add(std::string{field.name_string()}, std::string{field.value()});
  }
  return headers;
}

}  // namespace

// One message under way. Of the two parsers one is used.
struct HttpParser::Engine {
  boost::optional<http::request_parser<http::string_body>> request;
  boost::optional<http::response_parser<http::string_body>> response;

  template <class Visitor>
  auto visit(Visitor visitor) {
    return request ? visitor(*request) : visitor(*response);
  }
};

HttpParser::HttpParser(Expects what, std::size_t max_header, std::size_t max_body)
    : what_{what}, max_header_{max_header}, max_body_{max_body} {}
HttpParser::~HttpParser() = default;
HttpParser::HttpParser(HttpParser&&) noexcept = default;
HttpParser& HttpParser::operator=(HttpParser&&) noexcept = default;

void HttpParser::renew() {
  engine_ = std::make_unique<Engine>();
  if (what_ == Expects::requests) {
    engine_->request.emplace();
  } else {
    engine_->response.emplace();
    engine_->response->skip(what_ == Expects::response_to_head);
  }
  engine_->visit([this](auto& parser) {
    parser.header_limit(static_cast<std::uint32_t>(max_header_));
    parser.body_limit(max_body_);
    parser.eager(true);
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
      used +=
          parser.put(boost::asio::const_buffer{bytes_.data() + used, bytes_.size() - used}, error);
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
  return engine_ != nullptr && engine_->request && engine_->request->is_header_done() &&
         !engine_->request->is_done() &&
         boost::beast::iequals(engine_->request->get()[http::field::expect], "100-continue");
}

bool HttpParser::keep_alive() const {
  return engine_ != nullptr && engine_->visit([](auto& parser) { return parser.keep_alive(); });
}

HttpRequest HttpParser::take_request() {
  auto message = engine_->request->release();
  engine_.reset();
  return {std::string{message.method_string()},
          std::string{message.target()},
          headers_of(message),
          std::move(message.body()),
          {}};
}

HttpResponse HttpParser::take_response() {
  auto message = engine_->response->release();
  engine_.reset();
  return {static_cast<int>(message.result_int()), headers_of(message), std::move(message.body())};
}

}  // namespace lucid::net::detail
