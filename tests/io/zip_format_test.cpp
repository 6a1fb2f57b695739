// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/zip_format.hpp>

#include <doctest/doctest.h>

TEST_CASE("zip format: every record begins with PK and has room for its signature") {
  using namespace tinydl::detail;
  for (const ZipRecord& record : {zip_local, zip_central, zip64_end, zip64_locator, zip_end}) {
    CHECK(record.signature.size() == 4);
    CHECK(record.signature.starts_with("PK"));
    CHECK(record.size > 4);
  }
}
