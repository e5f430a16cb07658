/** A Vulkan driver that needs no graphics card: SwiftShader, from Debian's chromium package. */
import * as fs from "node:fs"

export const driver = "/usr/lib/chromium/vk_swiftshader_icd.json"

/** The surroundings of a process in which WebGPU finds that driver too, beside those of the machine's cards. */
export const withDriver = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  fs.existsSync(driver) ? { VK_ADD_DRIVER_FILES: driver, ...env } : env
