#!/bin/sh
# Packs the benchmark of the graphics path for a Linux machine that has a card and a Vulkan driver and nothing else:
# .cache/gpu-card/ then holds Node, the WebGPU binding, the Vulkan loader and the bundled scripts, under 64 MiB.
# Copy the folder there and run `sh run.sh [RESULT.json]` in it.
set -eu
cd "$(dirname "$0")/../.."
out=.cache/gpu-card
rm -rf "$out"
node_modules/.bin/node --conditions=@noema/source bench/gpu/pack.ts
[ -f .cache/node.xz ] || xz -T0 -6 -c node_modules/node/bin/node > .cache/node.xz
cp .cache/node.xz "$out/node.xz"
xz -6 -c node_modules/webgpu/dist/linux-x64/dawn.node > "$out/dawn.xz"
(cd "$out" && apt-get download libvulkan1 > /dev/null && mv libvulkan1_*.deb libvulkan1.deb && dpkg-deb -x libvulkan1.deb vulkan && rm libvulkan1.deb)
cat > "$out/run.sh" <<'END'
#!/bin/sh
set -eu
result=$(realpath -m "${1:-gpu-card.json}")
cd "$(dirname "$0")"
unpacker() { if command -v xz > /dev/null; then xz -dc "$1"; else python3 -c 'import lzma,sys; sys.stdout.buffer.write(lzma.open(sys.argv[1]).read())' "$1"; fi; }
[ -x node ] || { unpacker node.xz > node; chmod +x node; }
[ -f node_modules/webgpu/dist/linux-x64/dawn.node ] || unpacker dawn.xz > node_modules/webgpu/dist/linux-x64/dawn.node
library=$(dirname "$(find vulkan -name 'libvulkan.so.1' | head -1)")
export LD_LIBRARY_PATH="$PWD/$library:${LD_LIBRARY_PATH:-}" XDG_RUNTIME_DIR=/tmp
# Containers often get the card's libraries without the file that names them to the loader.
if [ -z "${VK_ICD_FILENAMES:-}" ] && ! ls /etc/vulkan/icd.d/*.json /usr/share/vulkan/icd.d/*.json > /dev/null 2>&1; then
  printf '{"file_format_version":"1.0.0","ICD":{"library_path":"libGLX_nvidia.so.0","api_version":"1.3.0"}}' > nvidia_icd.json
  export VK_ICD_FILENAMES="$PWD/nvidia_icd.json"
fi
exec ./node on-card.mjs "$result"
END
du -sh "$out"
