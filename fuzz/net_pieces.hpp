#pragma once
#include <algorithm>

#include "core/bytes.hpp"

// Cuts a stream into pieces of one size and hands them on until `each` says false.
template <class Each>
void for_pieces(lucid::core::Bytes stream, std::size_t size, Each each) {
  while (!stream.empty() && each(stream.first(std::min(size, stream.size())))) {
    stream = stream.subspan(std::min(size, stream.size()));
  }
}
