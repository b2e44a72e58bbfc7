#include "net/detail/client_request.hpp"

#include "net/detail/loop_state.hpp"
#include "net/detail/resolver.hpp"

namespace lucid::net {

namespace detail {

namespace {

ConnectError connect_error_of(core::PathError error) {
  switch (error) {
    case core::PathError::refused:
      return ConnectError::refused;
    case core::PathError::timed_out:
      return ConnectError::timed_out;
    case core::PathError::bad_certificate:
      return ConnectError::bad_certificate;
    case core::PathError::closed:
      return ConnectError::bad_response;
    case core::PathError::unreachable:
    case core::PathError::too_big:
    case core::PathError::not_permitted:
      break;
  }
  return ConnectError::unreachable;
}

}  // namespace

ClientRequest::ClientRequest(Loop& loop, std::string_view url, HttpRequest request,
                             HttpClientOptions options, Done done)
    : loop_{loop},
      url_{Url::parse(url)},
      request_{std::move(request)},
      options_{std::move(options)},
      done_{std::move(done)},
      parser_{request_.method == "HEAD" ? HttpParser::Expects::response_to_head
                                        : HttpParser::Expects::responses,
              options_.max_header, options_.max_body},
      timer_{loop, [this] { fail(error_); }} {
  if (url_) {
    timer_.set(loop.now() + options_.answer_within);
    resolve();
  } else {
    fail_later(ConnectError::bad_url);
  }
}

ClientRequest::~ClientRequest() = default;

void ClientRequest::fail_later(ConnectError error) {
  error_ = error;
  timer_.set(loop_.now());
}

void ClientRequest::fail(ConnectError error) {
  timer_.set(std::nullopt);
  if (auto done = std::exchange(done_, nullptr)) done(std::unexpected(error));
}

void ClientRequest::resolve() {
  if (const auto ip = core::Ip::parse(url_->host)) {
    if (!connect_to(*ip)) fail_later(ConnectError::unreachable);
    return;
  }
  auto& resolver = loop_.state().resolver;
  if (!resolver) resolver = std::make_unique<Resolver>(loop_);
  resolver->resolve(url_->host, [weak = std::weak_ptr{self_}](std::vector<core::Ip> ips) {
    if (const auto self = weak.lock()) {
      (*self)->addresses_.assign(ips.rbegin(), ips.rend());
      (*self)->connect_next(ConnectError::unknown_host);
    }
  });
}

void ClientRequest::connect_next(ConnectError otherwise) {
  while (!addresses_.empty()) {
    const core::Ip ip = addresses_.back();
    addresses_.pop_back();
    if (connect_to(ip)) return;
    otherwise = ConnectError::unreachable;
  }
  fail(otherwise);
}

bool ClientRequest::connect_to(const core::Ip& ip) {
  std::optional<TlsContext>& tls = options_.tls ? options_.tls : loop_.state().tls;
  if (url_->secure() && !tls) {
    if (auto made = TlsContext::client()) tls = *std::move(made);
  }
  const auto fd = start_connect({core::Ip::any(ip.family()), 0}, {ip, url_->port});
  if (!fd || (url_->secure() && !tls)) return false;
  Connection connection = url_->secure() ? Connection{*fd, *tls, url_->host} : Connection{*fd};
  ByteChannel::Owner& owner = *this;
  channel_ = std::make_unique<ByteChannel>(loop_, owner, *fd, std::move(connection),
                                           ByteChannel::Side::connecting);
  return true;
}

std::string ClientRequest::request_text() const {
  std::string text = request_.method + " " + url_->target + " HTTP/1.1\r\n";
  text += "Host: " + url_->authority() + "\r\n";
  for (const auto& [name, value] : request_.headers) {
    if ((name + value).find_first_of("\r\n") != std::string::npos) continue;
    text += name;
    text += ": ";
    text += value;
    text += "\r\n";
  }
  if (!request_.headers.has("Connection")) text += "Connection: close\r\n";
  if (!request_.body.empty() || request_.method == "POST" || request_.method == "PUT" ||
      request_.method == "PATCH") {
    text += "Content-Length: " + std::to_string(request_.body.size()) + "\r\n";
  }
  return text + "\r\n" + request_.body;
}

void ClientRequest::channel_opened() {
  addresses_.clear();
  channel_->send(core::as_bytes(request_text()));
}

void ClientRequest::channel_received(core::Bytes bytes) {
  parser_.feed(bytes);
  HttpParser::State state = parser_.parse();
  while (state == HttpParser::State::complete) {
    HttpResponse response = parser_.take_response();
    // RFC 9110 15.2: interim responses are read over, but for the one that ends HTTP here.
    if (response.status < 200 && response.status != 101) {
      state = parser_.parse();
      continue;
    }
    timer_.set(std::nullopt);
    auto done = std::exchange(done_, nullptr);
    return done(ClientAnswer{std::move(response), std::move(channel_), parser_.take_rest()});
  }
  if (state != HttpParser::State::more) fail(ConnectError::bad_response);
}

void ClientRequest::channel_ended(core::PathError error) {
  if (!addresses_.empty()) return connect_next(connect_error_of(error));
  // RFC 9112 6.3: a response without a length lasts until the end of the connection.
  if (error == core::PathError::closed && parser_.end() == HttpParser::State::complete) {
    auto done = std::exchange(done_, nullptr);
    timer_.set(std::nullopt);
    return done(ClientAnswer{parser_.take_response(), nullptr, {}});
  }
  fail(connect_error_of(error));
}

}  // namespace detail

std::string_view to_string(ConnectError error) {
  switch (error) {
    case ConnectError::bad_url:
      return "this is no URL that can be connected to";
    case ConnectError::unknown_host:
      return "there is no host of this name";
    case ConnectError::unreachable:
      return "the host cannot be reached";
    case ConnectError::refused:
      return "the host refuses the connection";
    case ConnectError::timed_out:
      return "no answer in time";
    case ConnectError::bad_certificate:
      return "the server's certificate is not trusted";
    case ConnectError::bad_response:
      return "the answer is not what was asked for";
    case ConnectError::rejected:
      return "the server rejected the request";
  }
  return "unknown";
}

struct HttpCall::State {
  detail::ClientRequest request;
};

HttpCall::HttpCall(Loop& loop, std::string_view url, HttpRequest request, HttpClientOptions options,
                   Done done)
    : state_{new State{detail::ClientRequest{
          loop, url, std::move(request), std::move(options),
          [done =
               std::move(done)](std::expected<detail::ClientAnswer, ConnectError> answer) mutable {
            if (!answer) return done(std::unexpected(answer.error()));
            done(std::move(answer->response));
          }}}} {}

HttpCall::~HttpCall() = default;

}  // namespace lucid::net
