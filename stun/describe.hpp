#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "stun/integrity.hpp"
#include "stun/message.hpp"

namespace lucid::stun {

// An attribute's value in words, for people: "192.0.2.1:5000", "401 Unauthenticated", "\"lucid\"".
// Hex where there is no better; says so where the value is not of its type's form.
std::string describe(const Message& message, const Attribute& attribute);

// The first attribute whose value is not of its type's form.
std::optional<AttributeType> first_malformed(const Message& message);

// A whole message: a line of its header, one for each attribute, one on what check_integrity and
// check_fingerprint say. Without a key integrity is not checked.
std::string to_text(const Message& message, const Key* key);
// The same as one JSON object, without a line break; "source" is put in as it is given.
std::string to_json(const Message& message, const Key* key, std::string_view source);
std::string to_json(ParseError error, std::string_view source);

// A code point's name, or its number in hex where it has none here.
std::string name_of(AttributeType type);
std::string name_of(Method method);

}  // namespace lucid::stun
