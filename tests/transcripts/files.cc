#include "transcripts/files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace koble::testing {

std::optional<std::string> ReadWhole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

transcript::ReadFile ReaderBeside(const std::string& transcript) {
  const std::filesystem::path folder = std::filesystem::path(transcript).parent_path();
  return [folder](const std::string& path) { return ReadWhole((folder / path).string()); };
}

std::vector<std::string> TranscriptsIn(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".transcript") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace koble::testing
