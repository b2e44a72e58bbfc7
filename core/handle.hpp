#pragma once
#include <memory>

namespace lucid::core {

// Owns a C library's object: Handle<SSL, SSL_free>.
template <class T, auto Release>
struct HandleRelease {
  void operator()(T* object) const noexcept { Release(object); }
};
template <class T, auto Release>
using Handle = std::unique_ptr<T, HandleRelease<T, Release>>;

// Visits a variant with a list of lambdas: std::visit(Overloaded{[](const A&) {}, [](const B&) {}},
// v).
template <class... Lambdas>
struct Overloaded : Lambdas... {
  using Lambdas::operator()...;
};

}  // namespace lucid::core
